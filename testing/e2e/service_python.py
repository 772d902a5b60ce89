"""A service in Python: its event names stand once in the field, once in an attribute of a logging call."""

import logging
import sys

from opentelemetry import trace
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.sdk._logs import LoggerProvider, LoggingHandler
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider

if sys.argv[1] == "grpc":
    from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter
else:
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter

resource = Resource.create({"service.namespace": "shop", "service.name": "billing"})
logs = LoggerProvider(resource=resource)
logs.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter()))
tracer = TracerProvider(resource=resource).get_tracer("billing")

with tracer.start_as_current_span("charge") as span:
    context = span.get_span_context()
    logs.get_logger("billing").emit(
        LogRecord(
            timestamp=1_773_930_900_000_000_123,
            event_name="io.coresdk.policy.decision",
            severity_number=SeverityNumber.INFO,
            attributes={
                "coresdk.tenant_id": "acme",
                "coresdk.user_id": "usr_2xK9",
                "coresdk.policy.action": "invoices:create",
                "coresdk.policy.result": "allowed",
            },
            context=trace.set_span_in_context(span),
        )
    )
    logger = logging.getLogger("billing")
    logger.setLevel(logging.INFO)
    logger.addHandler(LoggingHandler(logger_provider=logs))
    logger.info("charged", extra={"otel.event.name": "com.acme.charged", "tenant.id": "acme", "amount": 2**60})
    logger.info("no event")

logs.shutdown()
print(f"{trace.format_trace_id(context.trace_id)} {trace.format_span_id(context.span_id)}")
