import type { RandomSource } from '../../core/random-source.ts';
import { isoTimestampText, timestampText } from '../../core/timestamp-text.ts';
import { escapeJson, jsonbTemplate } from '../json-template.ts';
import { randomBase36, randomBase64, randomDigits, randomHexWords } from '../random-values.ts';
import { type Outcome, type PaymentFlow, quoted } from './flow.ts';
import { NETWORKS } from './vocabulary.ts';

/*
 * The jsonb columns of the payments document, rendered as JSON strings. Keys are in PostgreSQL's order: shorter first,
 * then by their bytes.
 */

const instrument = jsonbTemplate(
    '{"eci": ¤, "xid": null, "network": "¤", "bin_data": {"network": "¤", "issuer_name": ¤, "product_code": "¤", ' +
        '"product_name": "¤ Standard", "product_usage_type": "UNKNOWN", "account_number_type": "UNKNOWN", ' +
        '"issuer_country_code": "¤", "account_funding_type": "¤", "issuer_currency_code": null, ' +
        '"regional_restriction": "UNKNOWN", "prepaid_reloadable_indicator": "NOT_APPLICABLE"}, "cryptogram": null, ' +
        '"last_4_digits": "¤", "cardholder_name": "¤", "expiration_year": "¤", "expiration_month": "¤", ' +
        '"three_ds_version": ¤, "is_network_tokenized": false, "domain_server_transaction_id": null}',
);

export function instrumentData(flow: PaymentFlow, random: RandomSource): string {
    const network = random.pick(NETWORKS);
    const secured = random.chance(300);
    return instrument(
        secured ? '\\"05\\"' : 'null',
        network.name,
        network.code,
        random.chance(300) ? '\\"Bank of Hallowmere\\"' : 'null',
        network.code,
        network.name,
        flow.place[1],
        random.chance(600) ? 'DEBIT' : 'CREDIT',
        network.lastDigits,
        flow.person.inJsonb,
        String(2026 + random.below(8)),
        randomMonth(random),
        secured ? '\\"2.2.0\\"' : 'null',
    );
}

function randomMonth(random: RandomSource): string {
    return String(1 + random.below(12)).padStart(2, '0');
}

const vault = jsonbTemplate('{"customer_id": ¤, "vaulted_token_id": "¤"}');

/** The customer's identifier is free text of the merchant: a code, a name, or nothing. */
export function vaultData(flow: PaymentFlow, random: RandomSource): string {
    const draw = random.below(10);
    const customer =
        draw === 0 ? 'null' : `\\"${draw < 3 ? flow.person.inJsonb : `cust_${randomBase36(random, 5)}`}\\"`;
    return vault(customer, randomBase64(random, 18));
}

const threeDSecure = jsonbTemplate(
    '{"eci": "¤", "cavv": ¤, "reason_code": ¤, "response_code": "¤", "protocol_version": "2.2.0"}',
);

export function threeDSecureData(random: RandomSource): string {
    return random.chance(750)
        ? threeDSecure('05', `\\"${randomBase64(random, 14)}\\"`, 'null', 'AUTH_SUCCESS')
        : threeDSecure('07', 'null', '\\"GATEWAY_UNAVAILABLE\\"', 'SKIPPED');
}

const customer = jsonbTemplate(
    '{"customer_id": "¤", "email_address": "¤@mail.example", "billing_address": {"city": "¤", "email": null, ' +
        '"state": null, "title": null, "last_name": "¤", "first_name": "¤", "postal_code": "¤", "country_code": "¤", ' +
        '"phone_number": null, "address_line_1": "¤ Mill Lane", "address_line_2": null, "address_line_3": null}, ' +
        '"shipping_address": null}',
);

export function customerDetails(flow: PaymentFlow, random: RandomSource): string {
    const [city, country, postalCode] = flow.place;
    return customer(
        randomDigits(random, 8),
        flow.reference,
        city.inJsonb,
        flow.person.inJsonb,
        randomBase36(random, 4),
        postalCode,
        country,
        String(1 + random.below(240)),
    );
}

const metadata = jsonbTemplate('{"productId": "¤.¤"}');

export function requestMetadata(random: RandomSource): string {
    return metadata(randomDigits(random, 6), randomDigits(random, 8));
}

const vaultOptionsTemplate = jsonbTemplate('{"payment_method": "¤"}');

export function vaultOptions(flow: PaymentFlow): string {
    return flow.paymentMethod === null ? 'null' : vaultOptionsTemplate(flow.paymentMethod);
}

const updates = jsonbTemplate('{"status": "¤"}');

export function statusUpdate(status: string): string {
    return updates(status);
}

const error = jsonbTemplate(
    '{"source": "¤", "message": "¤", "decline_type": ¤, "decision_type": "¤", "decline_reason": ¤, ' +
        '"decline_reason_v2": null}',
);

export function errorDetails(flow: PaymentFlow): string {
    const { outcome } = flow;
    switch (outcome.kind) {
        case 'authorized':
            return 'null';
        case 'declined':
            return error(
                flow.processor.connection,
                outcome.decline.message,
                `\\"${outcome.decline.type}\\"`,
                'ISSUER_DECLINE',
                `\\"${outcome.decline.reason}\\"`,
            );
        case 'failed':
            return error(flow.processor.connection, outcome.failure.message, 'null', 'APPLICATION_ERROR', 'null');
    }
}

/** The request is JSON text inside a JSON string: its strings are three deep in the record. */
const requestContent = escapeJson(
    '{"merchant": "¤", "amount": {"value": ¤, "currency": "¤"}, "reference": "¤", "card": {"number": "{{PAN}}", ' +
        '"expiryMonth": "{{EXPIRY_MONTH}}", "expiryYear": "{{EXPIRY_YEAR}}", "securityCode": "{{SECURITY_CODE}}", ' +
        '"holder": "¤"}, "billing": {"houseNumber": "", "street": "¤ Mill Lane", "city": "¤", "country": "¤", ' +
        '"postalCode": "¤", "region": null}}',
    1,
);
const thirdPartyRequestTemplate = jsonbTemplate(
    `{"date": "¤", "method": "POST", "content": "${requestContent}", "headers": {"X-Api-Key": "*** hidden ***", ` +
        '"Content-Type": "application/json"}, "protocol": "HTTP", "destination": "https://¤/payments/v3/authorise"}',
);

export function thirdPartyRequest(flow: PaymentFlow, random: RandomSource, micros: number): string {
    const [city, country, postalCode] = flow.place;
    return thirdPartyRequestTemplate(
        isoTimestampText(micros),
        flow.merchant.name,
        flow.amount,
        flow.currency,
        flow.reference,
        flow.person.inContent,
        String(1 + random.below(240)),
        city.inContent,
        country,
        postalCode,
        flow.processor.host,
    );
}

const responseContent = escapeJson('{"status":¤,"code":"¤","text":"¤","kind":"¤"}', 1);
/** Nested lists end like a record of the stream (`]}]}`), which must not mislead readers. */
const itemizedContent = escapeJson('{"status":¤,"code":"¤","text":"¤","kind":"¤","lots":[{"fees":["0.10"]}]}', 1);

function responseTemplate(content: string): (...holes: readonly string[]) => string {
    return jsonbTemplate(
        `{"date": "¤", "status": ¤, "content": "${content}", "headers": {"Date": "¤ GMT", "Server": "edge", ` +
            '"Set-Cookie": "SID=¤.edge¤; Path=/v3; Secure; HttpOnly", "Content-Type": "application/json", ' +
            '"X-Server-State": "LIGHT", "WWW-Authenticate": "BASIC realm=\\"¤ Payment Service\\"", ' +
            '"Transfer-Encoding": "chunked"}, "protocol": "HTTP"}',
    );
}

const plainResponse = responseTemplate(responseContent);
const itemizedResponse = responseTemplate(itemizedContent);

export function thirdPartyResponse(flow: PaymentFlow, random: RandomSource, micros: number): string {
    const [status, code, text] = responseOf(flow.outcome);
    return (random.chance(100) ? itemizedResponse : plainResponse)(
        isoTimestampText(micros),
        status,
        status,
        code,
        text,
        flow.outcome.kind,
        timestampText(micros - (micros % 1_000_000)),
        randomHexWords(random, 4),
        String(random.below(12)),
        flow.processor.connection,
    );
}

function responseOf(outcome: Outcome): readonly [status: string, code: string, text: string] {
    switch (outcome.kind) {
        case 'authorized':
            return ['200', '000', 'Approved'];
        case 'declined':
            return ['200', '105', outcome.decline.reason];
        case 'failed':
            return [String(outcome.failure.status), '900', outcome.failure.message];
    }
}

/** A short text without quotes and backslashes, as a column. */
export function identifier(prefix: string, random: RandomSource): string {
    return quoted(prefix + randomBase36(random, 6));
}
