import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT } from './elt.ts';

/** Apache Spark as PyPI has it, Java apart: https://pypi.org/project/pyspark. */
const PACKAGE = 'pyspark==4.3.0';
const FOLDER = join(PROJECT, 'node_modules', '.elt-spark');

/** `SPARK_HOME`, or a Spark of the project's own, which is installed the first time: 450 MB. */
export function sparkHome(): string {
    if (process.env.SPARK_HOME !== undefined) {
        return process.env.SPARK_HOME;
    }
    if (!existsSync(join(FOLDER, 'lib'))) {
        run('python3', ['-m', 'venv', FOLDER]);
    }
    if (installed() === undefined) {
        run(join(FOLDER, 'bin', 'pip'), ['install', '--quiet', '--disable-pip-version-check', PACKAGE]);
    }
    return installed() ?? FOLDER;
}

function installed(): string | undefined {
    return readdirSync(join(FOLDER, 'lib'))
        .map((python) => join(FOLDER, 'lib', python, 'site-packages', 'pyspark'))
        .find((home) => existsSync(join(home, 'bin', 'spark-sql')));
}

function run(program: string, words: readonly string[]): void {
    const done = spawnSync(program, words, { encoding: 'utf8' });
    if (done.status !== 0) {
        throw new Error(`${program} ${words.join(' ')} ended with ${done.status}: ${done.stderr ?? done.error}`);
    }
}

/** Settings for a machine of two cores and small data; `master` says where it runs. */
export function sparkConf(master: string): readonly string[] {
    return [
        `spark.master=${master}`,
        'spark.driver.memory=1g',
        'spark.sql.shuffle.partitions=4',
        'spark.ui.enabled=false',
        'spark.driver.extraJavaOptions=-XX:+UseSerialGC -XX:TieredStopAtLevel=1',
        'spark.executor.extraJavaOptions=-XX:+UseSerialGC -XX:TieredStopAtLevel=1',
    ];
}
