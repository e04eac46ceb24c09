// Brings Kafka's broker from Maven, once for a machine: tests, the demo and the benchmark start it from there.
// usage: node .ci/kafka.mjs [--quiet]; prints the folder of the jars. Plain JavaScript for the host's own Node.
import { pathToFileURL } from 'node:url';
import { bringJars, jarsFolder } from './maven.mjs';

/** 4.4.0 is listed, but one of its jars is missing. */
export const KAFKA_VERSION = '4.3.1';

const JARS = { name: 'kafka', group: 'org.apache.kafka', artifact: 'kafka_2.13', version: KAFKA_VERSION };

/** Where the jars are, or will be. */
export const kafkaJars = () => jarsFolder(JARS);
/** Null: it is there now; else why it is not. */
export const bringKafka = () => bringJars(JARS);

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
    const reason = bringKafka();
    if (reason !== null) {
        process.stderr.write(`${reason}\n`);
        process.exit(1);
    }
    process.stdout.write(`${kafkaJars()}\n`);
}
