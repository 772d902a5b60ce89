/** The configuration of a single broker that is its own controller, with a plain and a secured listener. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Identity } from "../certificates.ts";

export interface BrokerPorts {
  readonly plaintext: number;
  readonly controller: number;
  readonly saslSsl: number;
}

export interface BrokerUser {
  readonly username: string;
  readonly password: string;
}

/** Writes `server.properties`, the keystore and the log configuration into `dir`. */
export function writeConfiguration(
  dir: string,
  ports: BrokerPorts,
  identity: Identity,
  ca: string,
  user: BrokerUser,
): void {
  const keystore = join(dir, "keystore.pem");
  const truststore = join(dir, "truststore.pem");
  writeFileSync(keystore, `${identity.key.trim()}\n${identity.cert.trim()}\n`, { mode: 0o600 });
  writeFileSync(truststore, `${ca.trim()}\n`);
  writeFileSync(join(dir, "log4j2.yaml"), LOG_CONFIGURATION);
  const scram = "org.apache.kafka.common.security.scram.ScramLoginModule required;";
  const plain =
    "org.apache.kafka.common.security.plain.PlainLoginModule required " +
    `user_${user.username}="${user.password}";`;
  const properties: Record<string, string | number> = {
    "process.roles": "broker,controller",
    "node.id": 1,
    "controller.quorum.voters": `1@127.0.0.1:${ports.controller}`,
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAINTEXT",
    listeners:
      `PLAINTEXT://127.0.0.1:${ports.plaintext},CONTROLLER://127.0.0.1:${ports.controller},` +
      `SASL_SSL://127.0.0.1:${ports.saslSsl}`,
    "advertised.listeners": `PLAINTEXT://127.0.0.1:${ports.plaintext},SASL_SSL://127.0.0.1:${ports.saslSsl}`,
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL",
    "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512",
    "listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config": scram,
    "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config": scram,
    "listener.name.sasl_ssl.plain.sasl.jaas.config": plain,
    "ssl.keystore.type": "PEM",
    "ssl.keystore.location": keystore,
    "ssl.truststore.type": "PEM",
    "ssl.truststore.location": truststore,
    "log.dirs": join(dir, "data"),
    "num.partitions": 4,
    "auto.create.topics.enable": "false",
    "offsets.topic.num.partitions": 1,
    "offsets.topic.replication.factor": 1,
    "transaction.state.log.num.partitions": 1,
    "transaction.state.log.replication.factor": 1,
    "transaction.state.log.min.isr": 1,
    "share.coordinator.state.topic.num.partitions": 1,
    "share.coordinator.state.topic.replication.factor": 1,
    "share.coordinator.state.topic.min.isr": 1,
    "group.initial.rebalance.delay.ms": 0,
    "broker.heartbeat.interval.ms": 500,
    "broker.session.timeout.ms": 3000,
    // The cleaner's buffer is half of a small heap otherwise.
    "log.cleaner.dedupe.buffer.size": 2_097_152,
  };
  const lines = Object.entries(properties).map(([name, value]) => `${name}=${value}`);
  writeFileSync(join(dir, "server.properties"), `${lines.join("\n")}\n`, { mode: 0o600 });
}

const LOG_CONFIGURATION = `Configuration:
  status: error
  Appenders:
    Console:
      name: out
      target: SYSTEM_OUT
      PatternLayout:
        pattern: "%d %p %c{1} %m%n"
  Loggers:
    Root:
      level: info
      AppenderRef:
        ref: out
`;
