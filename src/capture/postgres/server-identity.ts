/** Who a server is: two with the same names are told apart by it. */
export interface ServerIdentity {
    readonly systemId: string;
    readonly timeline: number;
    readonly databaseOid: string;
}

/** What a database holds of a source. */
export interface HeldPlace extends ServerIdentity {
    /** The furthest place of the log of which anything has landed, by the stream or by a copy. */
    readonly lsn: string;
}
