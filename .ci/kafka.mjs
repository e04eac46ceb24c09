// Brings Kafka's broker from Maven, once for a machine: tests, the demo and the benchmark start it from there.
// usage: node .ci/kafka.mjs [--quiet]; prints the folder of the jars. Plain JavaScript for the host's own Node.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** 4.4.0 is listed, but one of its jars is missing. */
export const KAFKA_VERSION = '4.3.1';

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>elt</groupId><artifactId>kafka-broker</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${KAFKA_VERSION}</version></dependency>
  </dependencies>
</project>
`;

/** Where the jars are, or will be. */
export function kafkaJars() {
    const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
    return join(cache, 'elt', `kafka-${KAFKA_VERSION}`);
}

/** Null: it is there now; else why it is not. */
export function bringKafka() {
    const folder = kafkaJars();
    if (existsSync(folder)) {
        return null;
    }
    if (spawnSync('java', ['-version'], { stdio: 'ignore' }).status !== 0) {
        return 'no Java here (Debian: apt-get install openjdk-17-jre-headless)';
    }
    if (spawnSync('mvn', ['--version'], { stdio: 'ignore' }).status !== 0) {
        return 'no Maven here (Debian: apt-get install maven)';
    }
    const work = join(tmpdir(), `elt-kafka-${process.pid}`);
    mkdirSync(work, { recursive: true });
    writeFileSync(join(work, 'pom.xml'), POM);
    const goal = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies';
    const words = ['-B', '-q', goal, `-DoutputDirectory=${join(work, 'lib')}`, '-DincludeScope=runtime'];
    const maven = spawnSync('mvn', words, { cwd: work, encoding: 'utf8' });
    if (maven.status !== 0) {
        rmSync(work, { recursive: true, force: true });
        return `Maven could not bring Kafka ${KAFKA_VERSION}:\n${maven.stdout}${maven.stderr}`;
    }
    mkdirSync(join(folder, '..'), { recursive: true });
    try {
        // Whole or not at all: several may bring it at once.
        renameSync(join(work, 'lib'), folder);
    } catch (error) {
        if (!existsSync(folder) && error.code === 'EXDEV') {
            spawnSync('cp', ['-r', join(work, 'lib'), folder]);
        }
    }
    rmSync(work, { recursive: true, force: true });
    return existsSync(folder) ? null : `"${folder}" could not be written`;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
    const reason = bringKafka();
    if (reason !== null) {
        process.stderr.write(`${reason}\n`);
        process.exit(1);
    }
    process.stdout.write(`${kafkaJars()}\n`);
}
