/** Schemas of a registry by their numbers. */
export interface RegisteredSchemas {
    /** The schema as JSON, with those that it refers to put before it; null: the registry has none of that number. */
    schema(id: number): RegisteredSchema | null;
}

export interface RegisteredSchema {
    /** `AVRO`, `JSON`, `PROTOBUF`. */
    readonly kind: string;
    readonly text: string;
    /** Texts of the schemas that it refers to. */
    readonly references: readonly string[];
}
