import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { certificatesFor } from '../support/certificates.ts';
import { brokerForTests, hasKafka } from '../support/kafka.ts';
import { TopicWorld } from './topic-world.ts';

/** User, password and certificates: in a file, and nowhere else. */

const PASSWORD = 'correct-horse-battery';

/** The certificate of this machine, as the broker wants it. */
function certificates(): { readonly ca: string; readonly store: string } {
    const { folder, ca } = certificatesFor();
    const words = 'pkcs12 -export -in server.pem -inkey server.key -out broker.p12 -passout pass:storepass';
    execFileSync('openssl', words.split(' '), { cwd: folder, stdio: 'pipe' });
    return { ca, store: join(folder, 'broker.p12') };
}

const LOGIN = `org.apache.kafka.common.security.plain.PlainLoginModule required user_elt="${PASSWORD}";`;

describe.skipIf(!hasKafka)('user, password and certificates', () => {
    const { ca, store } = certificates();
    const broker = brokerForTests({
        listeners: ['SASL_SSL', 'SASL_PLAINTEXT', 'SSL'],
        settings: [
            'sasl.enabled.mechanisms=PLAIN',
            `listener.name.sasl_ssl.plain.sasl.jaas.config=${LOGIN}`,
            `listener.name.sasl_plaintext.plain.sasl.jaas.config=${LOGIN}`,
            `ssl.keystore.location=${store}`,
            'ssl.keystore.type=PKCS12',
            'ssl.keystore.password=storepass',
            'ssl.key.password=storepass',
        ],
    });
    const world = (topic: string): TopicWorld =>
        new TopicWorld(broker(), { [topic]: `create table ${topic} (id integer primary key);\n` });
    const config = (of: TopicWorld, lines: readonly string[]): string => {
        const file = join(of.folder, 'kafka.properties');
        writeFileSync(file, `# who asks\n${lines.join('\n')}\n`);
        return file;
    };
    const address = (listener: string, topic: string): string =>
        `kafka://127.0.0.1:${broker().ports[listener]}/${topic}`;

    it.each(['SASL_SSL', 'SASL_PLAINTEXT', 'SSL'])(
        '%s: with the file it lands; what proves who asks is nowhere else',
        async (listener) => {
            const topic = `by_${listener.toLowerCase()}`;
            await broker().createTopic(topic);
            await broker().send(topic, [{ key: '1', value: '{"id":1}' }]);
            const of = world(topic);
            onTestFinished(() => of.close());
            const file = config(of, [
                `security.protocol=${listener}`,
                ...(listener.startsWith('SASL')
                    ? ['sasl.mechanism=PLAIN', 'sasl.username=elt', `sasl.password=${PASSWORD}`]
                    : []),
                ...(listener.endsWith('SSL') ? [`ssl.ca.location=${ca}`] : []),
            ]);
            const ran = await of.ran(['load', address(listener, topic), '--kafka-config', file]);
            expect(of.count(`stg_${topic}`)).toBe(1);
            const status = await of.ran(['source', 'status', '--kafka-config', file, '--json']);
            const said = ran.stdout + ran.stderr + status.stdout + status.stderr + readFileSync(of.file, 'latin1');
            expect(said).not.toContain(PASSWORD);
        },
    );

    it('a wrong password, no certificate, no file: one error each, without the password', async () => {
        await broker().createTopic('closed');
        const of = world('closed');
        const wrong = config(of, [
            'security.protocol=SASL_PLAINTEXT',
            'sasl.username=elt',
            'sasl.password=wrong-secret',
        ]);
        const refused = await of.elt(['load', address('SASL_PLAINTEXT', 'closed'), '--kafka-config', wrong]);
        expect([refused.status, refused.stderr]).toEqual([3, expect.stringMatching(/error SOURCE_REFUSED: .*"elt"/)]);
        expect(refused.stderr + refused.stdout).not.toContain('wrong-secret');
        const untrusted = config(of, ['security.protocol=SSL']);
        const unsafe = await of.elt(['load', address('SSL', 'closed'), '--kafka-config', untrusted]);
        expect([unsafe.status, unsafe.stderr]).toEqual([3, expect.stringContaining('error SOURCE_REFUSED:')]);
        const plain = await of.elt(['load', address('SSL', 'closed')]);
        expect([plain.status, plain.stderr]).toEqual([3, expect.stringMatching(/error SOURCE_(REFUSED|UNREACHABLE):/)]);
    });

    it('a password in the address is refused, and not repeated', async () => {
        const of = world('closed');
        const ran = await of.elt(['load', `kafka://elt:${PASSWORD}@127.0.0.1:1/closed`]);
        expect([ran.status, ran.stderr]).toEqual([2, expect.stringContaining('--kafka-config')]);
        expect(ran.stderr).not.toContain(PASSWORD);
        const file = config(of, [`sasl.pasword=${PASSWORD}`]);
        const typing = await of.elt(['load', address('SSL', 'closed'), '--kafka-config', file]);
        expect([typing.status, typing.stderr]).toEqual([2, expect.stringContaining('sasl.password')]);
        expect(typing.stderr).not.toContain(PASSWORD);
    });
});
