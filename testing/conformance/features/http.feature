Feature: What the HTTP binding asks of a receiver beyond the official features

    Background:
    Given HTTP Protocol Binding is supported

    Scenario Outline: Header values are unquoted and percent-decoded once (<value>)
    Given an HTTP request
        """
        POST / HTTP/1.1
        CE-SpecVersion: 1.0
        CE-Type: com.example.someevent
        CE-Id: 1
        CE-Source: /mycontext
        CE-Subject: <value>
        """
    When parsed as HTTP request
    Then the attributes are:
        | key         | value                 |
        | specversion | 1.0                   |
        | type        | com.example.someevent |
        | id          | 1                     |
        | source      | /mycontext            |
        | subject     | <subject>             |
    And there is no data
    Examples:
    | value                                        | subject |
    | Euro%20%E2%82%AC%20%F0%9F%98%80              | Euro € 😀 |
    | "a b"                                        | a b     |
    | a%2541                                       | a%41    |
    | %61                                          | a       |

    Scenario Outline: Octets that are not UTF-8 are refused (<value>)
    Given an HTTP request
        """
        POST / HTTP/1.1
        ce-specversion: 1.0
        ce-type: com.example.someevent
        ce-id: 1
        ce-source: /mycontext
        ce-subject: <value>
        """
    When parsed as HTTP request
    Then it is refused for the attribute subject
    Examples:
    | value     |
    | %C0%A0    |
    | %ED%A0%80 |
    | %FF       |

    Scenario: A content type in another header is refused
    Given an HTTP request
        """
        POST / HTTP/1.1
        ce-specversion: 1.0
        ce-type: com.example.someevent
        ce-id: 1
        ce-source: /mycontext
        ce-datacontenttype: text/plain
        """
    When parsed as HTTP request
    Then it is refused for the attribute datacontenttype

    Scenario Outline: A required attribute is not invented (<missing>)
    Given an HTTP request
        """
        POST / HTTP/1.1
        Content-Type: application/cloudevents+json

        {"specversion": "1.0", "type": "t", "id": "1", "source": "/s", "<missing>": null}
        """
    When parsed as HTTP request
    Then it is refused for the attribute <missing>
    Examples:
    | missing     |
    | specversion |
    | type        |
    | id          |
    | source      |

    Scenario: A null attribute is unset and null data is data
    Given an HTTP request
        """
        POST / HTTP/1.1
        Content-Type: Application/CloudEvents+JSON;charset="utf-8"

        {"specversion": "1.0", "type": "t", "id": "1", "source": "/s", "subject": null, "data": null}
        """
    When parsed as HTTP request
    Then the attributes are:
        | key         | value |
        | specversion | 1.0   |
        | type        | t     |
        | id          | 1     |
        | source      | /s    |
    And the data is equal to the following JSON:
        """
        null
        """
