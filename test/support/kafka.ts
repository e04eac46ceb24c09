import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { afterAll, beforeAll } from 'vitest';
import { bringKafka, kafkaJars } from '../../.ci/kafka.mjs';
import { Broker, type BrokerOptions } from './kafka-broker.ts';

/** Why no broker can run here; null: one can. Under `CI=true` that is an error. */
function lacking(): string | null {
    const reason = process.env.CI === 'true' || existsSync(kafkaJars()) ? bringKafka() : NO_KAFKA;
    const java = spawnSync('java', ['-version'], { stdio: 'ignore' }).status === 0;
    const found = reason ?? (java ? null : 'no Java here');
    if (found !== null && process.env.CI === 'true') {
        throw new Error(found);
    }
    return found;
}

const NO_KAFKA = 'no Kafka broker here: "node .ci/kafka.mjs" brings it with Maven; it needs Java 17 or newer';

/** Whether tests on a broker can run here; says so where they cannot, and throws under `CI=true`. */
export const hasKafka = ((): boolean => {
    const reason = lacking();
    if (reason !== null) {
        console.warn(`skipped: ${reason}`);
    }
    return reason === null;
})();

/** One broker for the tests of a file, started before the first and removed after the last. */
export function brokerForTests(options: BrokerOptions = {}): () => Broker {
    let broker: Broker | undefined;
    beforeAll(async () => {
        broker = hasKafka ? await Broker.start(options) : undefined;
    });
    afterAll(async () => {
        await broker?.stop();
    });
    return () => {
        if (broker === undefined) {
            throw new Error(NO_KAFKA);
        }
        return broker;
    };
}
