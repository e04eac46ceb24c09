/** How an answer may be compressed, the better one first. */
const ENCODINGS = ['br', 'gzip'] as const;

export type ContentEncoding = (typeof ENCODINGS)[number];

/**
 * The best encoding that is available and that `Accept-Encoding` names; null: none. A weight only counts when it is 0,
 * which refuses. Source: RFC 9110, section 12.5.3.
 */
export function acceptedEncoding(
    header: string | string[] | undefined,
    available: Readonly<Partial<Record<ContentEncoding, unknown>>>,
): ContentEncoding | null {
    const weights = new Map(
        String(header ?? '')
            .toLowerCase()
            .split(',')
            .map((part) => {
                const [name = '', ...parameters] = part.split(';').map((word) => word.trim());
                const weight = parameters.find((word) => word.startsWith('q='))?.slice(2) ?? '1';
                return [name, Number(weight)] as const;
            }),
    );
    const isAccepted = (name: string): boolean => (weights.get(name) ?? weights.get('*') ?? 0) > 0;
    return ENCODINGS.find((name) => available[name] !== undefined && isAccepted(name)) ?? null;
}
