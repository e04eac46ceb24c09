/** Something about a cluster or a topic that matters before it is followed. */
export interface SourceFinding {
    /** `the cluster`, `the topic "orders"`, `orders/0`. */
    readonly subject: string;
    readonly finding: string;
    /** What follows from it. */
    readonly effect: string;
    /** It cannot be followed like that. */
    readonly refuses: boolean;
}
