import { escapeJson } from '../json-template.ts';

/** A text of people, escaped for the depth of its hole: jsonb in a record is two strings deep, JSON inside it three. */
export interface EscapedText {
    readonly inJsonb: string;
    readonly inContent: string;
}

function escapedText(text: string): EscapedText {
    return { inJsonb: escapeJson(text, 2), inContent: escapeJson(text, 3) };
}

/** Invented people. The later ones have what real tables have too: other scripts, quotes, a backslash, an emoji. */
export const PEOPLE: readonly EscapedText[] = [
    'Mara Feldhaus',
    'Tobin Ashgrove',
    'Ilse van Dorp',
    'Quentin Marlowe',
    'Petra Lindqvist',
    'Hugo Castellan',
    'Nadia Brightwater',
    'Oskar Tamm',
    'Zoë Ångström',
    "Seán O'Dwyer",
    'Łucja Wójcik-Żak',
    'Mª José Ñíguez',
    'Δήμητρα Παππά',
    'Иван "Ваня" Котов',
    '山本 さくら',
    'نور الحسن',
    'C:\\Bruno\\Vale',
    'Ravi 🎉 Pillai',
    'Ann "Annie" Tabor\tjr.',
    'Li\u2028Wen',
].map(escapedText);

/** City, country and postal code, invented or harmless. */
export const PLACES: readonly (readonly [city: EscapedText, country: string, postalCode: string])[] = (
    [
        ['Hallowmere', 'GB', 'HM4 7QD'],
        ['Neustadt an der Elbe', 'DE', '21706'],
        ['Ville-Saint-Éloi', 'FR', '71209'],
        ['Västerhamn', 'SE', '452 10'],
        ['Łąkowo', 'PL', '84-137'],
        ['Port "Old" Harbour', 'US', '04571'],
        ['海野市', 'JP', '299-5211'],
    ] as const
).map(([city, country, postalCode]) => [escapedText(city), country, postalCode] as const);

/** Currency codes; those listed more often are drawn more often. */
export const CURRENCIES = ['GBP', 'GBP', 'GBP', 'GBP', 'EUR', 'EUR', 'EUR', 'USD', 'USD', 'SEK', 'PLN', 'JPY', 'KWD'];

/** Fictional processors: the connection's name and its host (`.example` never resolves). */
export const PROCESSORS = [
    { connection: 'NORDPAY', host: 'gateway.nordpay.example' },
    { connection: 'LUMENPAY', host: 'api.lumenpay.example' },
    { connection: 'ACQUIRA', host: 'edge.acquira.example' },
] as const;

/** The same few merchants in every sample; all identifiers are invented. */
export const MERCHANTS = [
    {
        account: '5f0c2a58-91d4-5c0e-8a37-20b6d1e4f7a1',
        user: '0d3b7e42-6a95-4f18-b2c0-9e71a4d85c36',
        name: 'HallowmereBooks',
        analytics: 'c2FtcGxlLW1lcmNoYW50LWhhbGxvd21lcmUtYm9va3M=',
        merchantAnalytics: 'aGFsbG93bWVyZS1ib29rcy0x',
    },
    {
        account: 'b81e6d07-3c2f-5a94-9d58-e47f10c3a2b9',
        user: '7c94f1a0-2e5d-4b36-8f7a-51d0c8e3b694',
        name: 'KontorNordSupply',
        analytics: 'c2FtcGxlLW1lcmNoYW50LWtvbnRvci1ub3JkLXN1cHA=',
        merchantAnalytics: 'a29udG9yLW5vcmQtc3VwcGx5',
    },
    {
        account: '29a7c4f6-e05b-5d81-b763-8c1f5e9d0a42',
        user: 'e5120b9d-84c7-4a6f-93e8-b07d2f6c1a58',
        name: 'TangerineTravel',
        analytics: 'c2FtcGxlLW1lcmNoYW50LXRhbmdlcmluZS10cmF2ZWw=',
        merchantAnalytics: 'dGFuZ2VyaW5lLXRyYXZlbC0x',
    },
] as const;

/** How a card was refused: reason, type, and what the issuer said. */
export const DECLINES: readonly { readonly reason: string; readonly type: string; readonly message: string }[] = (
    [
        ['INSUFFICIENT_FUNDS', 'SOFT_DECLINE', 'Not sufficient funds'],
        ['INSUFFICIENT_FUNDS', 'SOFT_DECLINE', 'Not sufficient funds'],
        ['DO_NOT_HONOR', 'SOFT_DECLINE', 'The issuer said: "do not honour"'],
        ['ISSUER_TEMPORARILY_UNAVAILABLE', 'SOFT_DECLINE', 'Issuer or switch inoperative'],
        ['EXPIRED_CARD', 'HARD_DECLINE', 'Expired card'],
        ['SUSPECTED_FRAUD', 'HARD_DECLINE', 'Suspected fraud (rule 7\\B)'],
        ['LOST_OR_STOLEN_CARD', 'HARD_DECLINE', 'Pick up card'],
    ] as const
).map(([reason, type, message]) => ({ reason, type, message: escapeJson(message, 2) }));

/** Errors of a processor: these have neither a decline reason nor a type. */
export const FAILURES = [
    { status: 401, message: 'The credentials of the connection were refused' },
    { status: 503, message: 'The processor did not answer in time' },
    { status: 422, message: 'The processor does not know this currency' },
] as const;

/** `vault_options.payment_method`; null stands for a request without vault options. */
export const PAYMENT_METHODS = [
    'NEVER',
    'NEVER',
    'NEVER',
    'NEVER',
    'NEVER',
    'ON_SUCCESS',
    'ON_SUCCESS',
    'ALWAYS',
    null,
];

export const INSTRUMENT_TYPES = [
    'PAYMENT_CARD',
    'PAYMENT_CARD',
    'PAYMENT_CARD',
    'PAYMENT_CARD',
    'PAYMENT_CARD',
    'DIGITAL_WALLET',
    'DIGITAL_WALLET',
    'BANK_TRANSFER',
    'PAY_LATER',
] as const;

export const NETWORKS = [
    { name: 'Aurora', code: 'AURORA', lastDigits: '4242' },
    { name: 'Meridian', code: 'MERIDIAN', lastDigits: '0009' },
    { name: 'Solis', code: 'SOLIS', lastDigits: '1881' },
] as const;
