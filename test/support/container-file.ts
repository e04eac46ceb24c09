import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PROJECT } from './elt.ts';

/**
 * The steps of a container file, done by hand below a folder that stands for the root of each stage. What it cannot do:
 * become another user, or fetch; `npm ci` takes the packages that are installed here.
 */

export interface Image {
    /** Where the last stage's root lies. */
    readonly root: string;
    readonly env: Readonly<Record<string, string>>;
    readonly workFolder: string;
    readonly entry: readonly string[];
    readonly command: readonly string[];
    readonly volumes: readonly string[];
    readonly user: string;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export function buildByHand(file: string, folder: string): Image {
    const stages = new Map<string, Mutable<Image>>();
    let stage: Mutable<Image> | undefined;
    for (const [word, rest] of instructions(readFileSync(join(PROJECT, file), 'utf8'))) {
        if (word === 'FROM') {
            const name = / AS (\S+)$/i.exec(rest)?.[1] ?? 'last';
            const root = join(folder, name);
            mkdirSync(root, { recursive: true });
            stage = { root, env: {}, workFolder: '/', entry: [], command: [], volumes: [], user: 'root' };
            stages.set(name, stage);
        } else if (stage === undefined) {
            throw new Error(`${word} before FROM`);
        } else {
            step(stage, word, rest, stages);
        }
    }
    return stage as Image;
}

function step(stage: Mutable<Image>, word: string, rest: string, stages: ReadonlyMap<string, Image>): void {
    const at = (path: string): string => join(stage.root, path.startsWith('/') ? path : join(stage.workFolder, path));
    switch (word) {
        case 'WORKDIR':
            stage.workFolder = rest;
            mkdirSync(at(rest), { recursive: true });
            return;
        case 'COPY': {
            const [, from, source = '', target = ''] = /^(?:--from=(\S+) )?(\S+) (\S+)$/.exec(rest) ?? [];
            if (from === undefined) {
                copyCheckout(at(target));
                return;
            }
            const whole = join(stages.get(from)?.root ?? '', source);
            cpSync(whole, target.endsWith('/') ? join(at(target), source.split('/').at(-1) as string) : at(target), {
                recursive: true,
            });
            return;
        }
        case 'RUN':
            run(stage, rest, at('.'));
            return;
        case 'ENV': {
            const [name = '', value = ''] = rest.split('=');
            stage.env = { ...stage.env, [name]: value };
            return;
        }
        case 'USER':
            stage.user = rest;
            return;
        case 'VOLUME':
            stage.volumes = rest.split(' ');
            return;
        case 'ENTRYPOINT':
            stage.entry = JSON.parse(rest) as string[];
            return;
        case 'CMD':
            stage.command = JSON.parse(rest) as string[];
            return;
        case 'EXPOSE':
        case 'HEALTHCHECK':
            return;
        default:
            throw new Error(`no step by hand for ${word}`);
    }
}

/** Instructions with what follows them; comments and continued lines are read as a builder reads them. */
function instructions(text: string): readonly (readonly [word: string, rest: string])[] {
    return text
        .replaceAll(/^#.*\n/gm, '')
        .replaceAll('\\\n', ' ')
        .split('\n')
        .filter((line) => line.trim() !== '')
        .map((line) => [line.split(' ')[0] as string, line.slice(line.indexOf(' ') + 1).trim()] as const);
}

/** What git knows of, as it stands on the disk: the rest is named in the file of what a build does not take. */
function copyCheckout(target: string): void {
    const names = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
        cwd: PROJECT,
        encoding: 'utf8',
    });
    for (const name of names.split('\n').filter(Boolean)) {
        mkdirSync(dirname(join(target, name)), { recursive: true });
        cpSync(join(PROJECT, name), join(target, name));
    }
}

/** A shell in the stage: absolute paths of the image lie below its root, `npm ci` and `chown` are stood in for. */
function run(stage: Image, command: string, folder: string): void {
    const bin = join(stage.root, '.by-hand');
    mkdirSync(bin, { recursive: true });
    mkdirSync(join(stage.root, 'usr/local/bin'), { recursive: true });
    const npm = execFileSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).trim();
    writeFileSync(
        join(bin, 'npm'),
        `#!/bin/sh\nif [ "$1" = ci ]; then cp -al '${PROJECT}node_modules' . || cp -a '${PROJECT}node_modules' .; else exec '${npm}' "$@"; fi\n`,
        { mode: 0o755 },
    );
    writeFileSync(join(bin, 'chown'), '#!/bin/sh\n', { mode: 0o755 });
    const mapped = command.replaceAll(/(?<=\s)\/(?=[a-z])/g, `${stage.root}/`);
    execFileSync('sh', ['-ec', mapped], {
        cwd: folder,
        env: { ...process.env, PATH: `${bin}:${process.env.PATH}` },
        stdio: ['ignore', 'pipe', 'pipe'],
    });
}
