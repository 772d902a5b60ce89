Feature: What the Kafka binding asks of a receiver beyond the official features

    Background:
    Given Kafka Protocol Binding is supported

    Scenario: A record without a value is an event without data
    Given a Kafka message without a payload
    And Kafka headers:
        | key            | value                 |
        | ce_specversion | 1.0                   |
        | ce_id          | 1                     |
        | ce_type        | com.example.someevent |
        | ce_source      | /mycontext            |
        | ce_subject     | 100 %, "quoted" €     |
    When parsed as Kafka message
    Then the attributes are:
        | key         | value                 |
        | specversion | 1.0                   |
        | id          | 1                     |
        | type        | com.example.someevent |
        | source      | /mycontext            |
        | subject     | 100 %, "quoted" €     |
    And there is no data

    Scenario: The attributes in the value count where both are
    Given a Kafka message with payload:
        """
        {"specversion": "1.0", "type": "t", "id": "1", "source": "/s"}
        """
    And Kafka headers:
        | key          | value                                       |
        | content-type | application/cloudevents+json; charset=UTF-8 |
        | ce_type      | another                                     |
    When parsed as Kafka message
    Then the attributes are:
        | key         | value |
        | specversion | 1.0   |
        | type        | t     |
        | id          | 1     |
        | source      | /s    |

    Scenario Outline: A time that is none is refused (<time>)
    Given a Kafka message without a payload
    And Kafka headers:
        | key            | value      |
        | ce_specversion | 1.0        |
        | ce_id          | 1          |
        | ce_type        | t          |
        | ce_source      | /mycontext |
        | ce_time        | <time>     |
    When parsed as Kafka message
    Then it is refused for the attribute time
    Examples:
    | time                 |
    | yesterday            |
    | 2023-02-29T00:00:00Z |
