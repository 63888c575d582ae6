export type Locale = "ko" | "en";

/** Numbers as a locale writes them. */
export interface Format {
  /** 12,345 */
  readonly count: (value: number) => string;
  /** With exactly `digits` decimals: 0.813 */
  readonly decimal: (value: number, digits: number) => string;
  /** Like `decimal`, with a sign unless it rounds to 0: +0.061, −0.020, 0.000 */
  readonly signed: (value: number, digits: number) => string;
  /** From a fraction: 41% */
  readonly percent: (fraction: number) => string;
  /** 812 B, 7.5 MB */
  readonly bytes: (value: number) => string;
  /** 0.4 ms, 843 ms, 12.3 s */
  readonly elapsed: (milliseconds: number) => string;
  /** To the second: 1 min 20 s */
  readonly duration: (milliseconds: number) => string;
}

const BYTE_UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

/** @returns the same object for the same locale: formatters are dear to make */
export function formatFor(locale: Locale): Format {
  return (formats[locale] ??= createFormat(locale));
}

const formats: Partial<Record<Locale, Format>> = {};

function createFormat(locale: Locale): Format {
  const plain = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 });
  const unit = (name: string, digits: number): Intl.NumberFormat =>
    new Intl.NumberFormat(locale, {
      style: "unit",
      unit: name,
      unitDisplay: "short",
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    });
  const byteFormats = BYTE_UNITS.map((name, power) => [unit(name, 0), unit(name, power < 2 ? 0 : 1)] as const);
  const [milliseconds, fineMilliseconds, fineSeconds] = [
    unit("millisecond", 0),
    unit("millisecond", 1),
    unit("second", 1),
  ];
  const [minutes, seconds] = [unit("minute", 0), unit("second", 0)];
  const decimal = (value: number, digits: number, signDisplay: "auto" | "exceptZero" = "auto"): string =>
    new Intl.NumberFormat(locale, {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
      signDisplay,
    }).format(value);
  return {
    count: (value) => plain.format(value),
    decimal: (value, digits) => decimal(value, digits),
    signed: (value, digits) => decimal(value, digits, "exceptZero").replace("-", "−"),
    percent: (fraction) => percent.format(fraction),
    bytes: (value) => {
      const power = Math.min(BYTE_UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, value)) / 3)));
      const scaled = value / 1000 ** power;
      const [whole, fine] = byteFormats[power] ?? [plain, plain];
      return (scaled < 100 ? fine : whole).format(scaled);
    },
    elapsed: (value) => {
      if (value >= 10_000) return fineSeconds.format(value / 1000);
      return (value < 10 ? fineMilliseconds : milliseconds).format(value);
    },
    duration: (value) => {
      const total = Math.max(0, Math.round(value / 1000));
      const rest = seconds.format(total % 60);
      return total < 60 ? rest : `${minutes.format(Math.floor(total / 60))} ${rest}`;
    },
  };
}
