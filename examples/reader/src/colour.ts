// The average colour of a picture, out of its blurhash (the DC term of the algorithm that blurha.sh describes): enough to hold its place.

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~";

export function averageColour(blurhash: string | null): string | undefined {
    if (!blurhash || blurhash.length < 6) return undefined;
    const value = [...blurhash.slice(2, 6)].reduce((all, digit) => all * 83 + DIGITS.indexOf(digit), 0);
    return `#${value.toString(16).padStart(6, "0").slice(-6)}`;
}
