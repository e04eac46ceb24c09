import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { certificatesFor } from '../support/certificates.ts';
import { brokerForTests, hasKafka } from '../support/kafka.ts';
import { TopicWorld } from './topic-world.ts';

/** User, password and certificates: in a file, and nowhere else. */

const PASSWORD = 'correct-horse-battery';

/** The certificate of this machine as the broker wants it, and one that says who we are, whose key has a password. */
function certificates() {
    const { folder, ca } = certificatesFor();
    const openssl = (words: string): void => {
        execFileSync('openssl', words.split(' '), { cwd: folder, stdio: 'pipe' });
    };
    openssl('pkcs12 -export -in server.pem -inkey server.key -out broker.p12 -passout pass:storepass');
    openssl('req -newkey rsa:2048 -passout pass:keypass -keyout elt.key -out elt.csr -subj /CN=elt');
    openssl('x509 -req -in elt.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out elt.pem -days 2');
    return {
        ca,
        store: join(folder, 'broker.p12'),
        certificate: join(folder, 'elt.pem'),
        key: join(folder, 'elt.key'),
    };
}

const LOGIN = `org.apache.kafka.common.security.plain.PlainLoginModule required user_elt="${PASSWORD}";`;
const SCRAM = 'org.apache.kafka.common.security.scram.ScramLoginModule required;';

describe.skipIf(!hasKafka)('user, password and certificates', () => {
    const { ca, store, certificate, key } = certificates();
    const ours = [`ssl.certificate.location=${certificate}`, `ssl.key.location=${key}`, 'ssl.key.password=keypass'];
    const broker = brokerForTests({
        listeners: ['SASL_SSL', 'SASL_PLAINTEXT', 'SSL'],
        settings: [
            'listener.name.sasl_ssl.sasl.enabled.mechanisms=PLAIN',
            'listener.name.sasl_plaintext.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
            `listener.name.sasl_plaintext.scram-sha-256.sasl.jaas.config=${SCRAM}`,
            `listener.name.sasl_plaintext.scram-sha-512.sasl.jaas.config=${SCRAM}`,
            // Who asks there shows a certificate.
            'listener.name.ssl.ssl.client.auth=required',
            'ssl.truststore.type=PEM',
            `ssl.truststore.location=${ca}`,
            `listener.name.sasl_ssl.plain.sasl.jaas.config=${LOGIN}`,
            `listener.name.sasl_plaintext.plain.sasl.jaas.config=${LOGIN}`,
            `ssl.keystore.location=${store}`,
            'ssl.keystore.type=PKCS12',
            'ssl.keystore.password=storepass',
            'ssl.key.password=storepass',
        ],
        formatting: ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
            '--add-scram',
            `${mechanism}=[name=elt,password=${PASSWORD}]`,
        ]),
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

    it.each([
        ['SASL_SSL', 'PLAIN'],
        ['SASL_PLAINTEXT', 'PLAIN'],
        ['SASL_PLAINTEXT', 'SCRAM-SHA-256'],
        ['SASL_PLAINTEXT', 'SCRAM-SHA-512'],
        ['SSL', 'a certificate of our own'],
    ])('%s, %s: with the file it lands; what proves who asks is nowhere else', async (listener, mechanism) => {
        const topic = `by_${listener}_${mechanism}`.toLowerCase().replace(/[^a-z0-9]+/g, '_');
        await broker().createTopic(topic);
        await broker().send(topic, [{ key: '1', value: '{"id":1}' }]);
        const of = world(topic);
        onTestFinished(() => of.close());
        const file = config(of, [
            `security.protocol=${listener}`,
            ...(listener.startsWith('SASL')
                ? [`sasl.mechanism=${mechanism}`, 'sasl.username=elt', `sasl.password=${PASSWORD}`]
                : ours),
            ...(listener.endsWith('SSL') ? [`ssl.ca.location=${ca}`] : []),
        ]);
        const ran = await of.ran(['load', address(listener, topic), '--kafka-config', file]);
        expect(of.count(`stg_${topic}`)).toBe(1);
        const status = await of.ran(['source', 'status', '--kafka-config', file, '--json']);
        const following = of.followAt(address(listener, topic), ['--kafka-config', file]);
        await following.says('following');
        const { pid } = following.child;
        const seen = ['cmdline', 'environ'].map((name) => readFileSync(`/proc/${pid}/${name}`, 'latin1')).join();
        expect(seen).toContain('follow');
        await following.stop();
        const said = [ran, status].map(({ stdout, stderr }) => stdout + stderr).join() + following.printed;
        for (const text of [said, seen, readFileSync(of.file, 'latin1')]) {
            expect(text).not.toMatch(new RegExp(`${PASSWORD}|keypass`));
        }
    });

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
        const nameless = config(of, ['security.protocol=SSL', `ssl.ca.location=${ca}`]);
        const unknown = await of.elt(['load', address('SSL', 'closed'), '--kafka-config', nameless]);
        expect([unknown.status, unknown.stderr]).toEqual([3, expect.stringContaining('ssl.certificate.location')]);
        const untrusted = config(of, ['security.protocol=SSL', ...ours]);
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
