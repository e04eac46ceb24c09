import { EltError } from '../core/errors.ts';
import type { CommandDefinition, RunCommand } from './command.ts';

/** Options that every command takes. */
const GLOBAL_OPTIONS = ['--db', '--pipeline', '--project', '--json', '--quiet', '--help'];

const SHELLS: Readonly<Record<string, (words: Words) => string>> = {
    bash: bashScript,
    zsh: zshScript,
    fish: fishScript,
};

/** What may follow `elt`, and what may follow each command: its own commands and its options. */
interface Words {
    readonly first: readonly string[];
    readonly after: ReadonlyMap<string, readonly string[]>;
}

/** `elt completion bash|zsh|fish`: prints a completion script for `commands`, which the shell reads at its start. */
export function completionOf(commands: readonly CommandDefinition[]): RunCommand {
    return async (_, [shell = '']) => {
        process.stdout.write(scriptOf(shell)(wordsOf(commands)));
        return 0;
    };
}

function scriptOf(shell: string): (words: Words) => string {
    const script = SHELLS[shell];
    if (script === undefined) {
        throw new EltError({
            code: 'COMMAND_WRONG',
            message: `there is no completion for the shell "${shell}"`,
            found: `expected one of ${Object.keys(SHELLS).join(', ')}`,
            next: 'name one of them: source <(elt completion bash)',
        });
    }
    return script;
}

function wordsOf(commands: readonly CommandDefinition[]): Words {
    const after = new Map<string, Set<string>>();
    for (const definition of commands) {
        const [name = '', own] = definition.name.split(' ');
        const list = after.get(name) ?? new Set();
        const options = (definition.options ?? []).map(([flags]) => flags.split(/[ ,]/)[0] ?? '');
        for (const word of [own, ...options, ...(definition.timed === true ? ['--timeout'] : [])]) {
            if (word !== undefined) {
                list.add(word);
            }
        }
        after.set(name, list);
    }
    const first = [...after.keys(), 'version'];
    after.set('help', new Set(first));
    return { first: [...first, 'help'], after: new Map([...after].map(([name, list]) => [name, [...list]])) };
}

function bashScript({ first, after }: Words): string {
    const cases = [...after].map(([name, list]) => `        ${name}) words="${list.join(' ')}" ;;\n`).join('');
    return `# bash completion of elt: source <(elt completion bash)
_elt() {
    local current="\${COMP_WORDS[COMP_CWORD]}" command="" words="" word skip=""
    for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        if [ -n "$skip" ]; then skip=""; continue; fi
        case "$word" in
            --db|--pipeline|--project) skip=yes ;;
            -*) ;;
            *) command="$word"; break ;;
        esac
    done
    case "$command" in
        "") words="${first.join(' ')}" ;;
${cases}    esac
    case "$current" in
        -*) words="$words ${GLOBAL_OPTIONS.join(' ')}" ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -o default -F _elt elt
`;
}

function zshScript(words: Words): string {
    return `#compdef elt
# zsh completion of elt: source <(elt completion zsh)
autoload -U +X bashcompinit && bashcompinit
${bashScript(words)}`;
}

function fishScript({ first, after }: Words): string {
    const lines = [...after].flatMap(([name, list]) =>
        list.map((word) => {
            const what = word.startsWith('--') ? `-l ${word.slice(2)}` : `-a ${word}`;
            return `complete -c elt -n "__fish_seen_subcommand_from ${name}" ${what}`;
        }),
    );
    const globals = GLOBAL_OPTIONS.map((option) => `complete -c elt -l ${option.slice(2)}`);
    return `# fish completion of elt: elt completion fish | source
complete -c elt -n __fish_use_subcommand -f -a "${first.join(' ')}"
${[...globals, ...lines].join('\n')}
`;
}
