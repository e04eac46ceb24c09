// Brings the jars of a server from Maven, once for a machine: tests, the demo and benchmarks start it from there.
// Plain JavaScript for the host's own Node.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

/** @typedef {{ readonly name: string; readonly group: string; readonly artifact: string; readonly version: string }} Jars */

/** Where the jars are, or will be. @param {Jars} jars */
export function jarsFolder({ name, version }) {
    const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
    return join(cache, 'elt', `${name}-${version}`);
}

/** Null: they are there now; else why they are not. @param {Jars} jars */
export function bringJars(jars) {
    const { name, group, artifact, version } = jars;
    const folder = jarsFolder(jars);
    if (existsSync(folder)) {
        return null;
    }
    if (spawnSync('java', ['-version'], { stdio: 'ignore' }).status !== 0) {
        return 'no Java here (Debian: apt-get install openjdk-17-jre-headless)';
    }
    if (spawnSync('mvn', ['--version'], { stdio: 'ignore' }).status !== 0) {
        return 'no Maven here (Debian: apt-get install maven)';
    }
    const work = join(tmpdir(), `elt-${name}-${process.pid}`);
    mkdirSync(work, { recursive: true });
    writeFileSync(
        join(work, 'pom.xml'),
        `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>elt</groupId><artifactId>${name}</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>
  </dependencies>
</project>
`,
    );
    const goal = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies';
    const words = ['-B', '-q', goal, `-DoutputDirectory=${join(work, 'lib')}`, '-DincludeScope=runtime'];
    const maven = spawnSync('mvn', words, { cwd: work, encoding: 'utf8' });
    if (maven.status !== 0) {
        rmSync(work, { recursive: true, force: true });
        return `Maven could not bring ${name} ${version}:\n${maven.stdout}${maven.stderr}`;
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
