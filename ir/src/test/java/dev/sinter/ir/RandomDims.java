package dev.sinter.ir;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.ToLongFunction;

/// Random expressions, each beside a plain evaluation of how it was made.
final class RandomDims {
  private final Random random;
  private final List<String> symbols;
  private final List<String> axes;

  RandomDims(long seed, List<String> symbols) {
    this(seed, symbols, List.of());
  }

  /// @param axes symbols that may be 0 and are never divided by
  RandomDims(long seed, List<String> symbols, List<String> axes) {
    this.random = new Random(seed);
    this.symbols = symbols;
    this.axes = axes;
  }

  /// An expression in normal form, and what it should be worth.
  record Case(Dim dim, ToLongFunction<Map<String, Long>> value) {}

  /// @param depth how deep operations are nested
  Case next(int depth) {
    if (depth == 0 || random.nextInt(6) == 0) {
      if (random.nextBoolean()) {
        long c = random.nextInt(-4, 13);
        return new Case(Dim.of(c), v -> c);
      }
      int choice = random.nextInt(symbols.size() + axes.size());
      String symbol =
          choice < symbols.size() ? symbols.get(choice) : axes.get(choice - symbols.size());
      return new Case(Dim.symbol(symbol), v -> java.util.Objects.requireNonNull(v.get(symbol)));
    }
    Case a = next(depth - 1);
    Case b = next(depth - 1);
    return switch (random.nextInt(9)) {
      case 0, 1, 2 ->
          new Case(a.dim.plus(b.dim), v -> a.value.applyAsLong(v) + b.value.applyAsLong(v));
      case 3 -> new Case(a.dim.minus(b.dim), v -> a.value.applyAsLong(v) - b.value.applyAsLong(v));
      case 4 -> new Case(a.dim.times(b.dim), v -> a.value.applyAsLong(v) * b.value.applyAsLong(v));
      case 5 ->
          new Case(a.dim.max(b.dim), v -> Math.max(a.value.applyAsLong(v), b.value.applyAsLong(v)));
      case 6 ->
          new Case(a.dim.min(b.dim), v -> Math.min(a.value.applyAsLong(v), b.value.applyAsLong(v)));
      default -> quotient(a);
    };
  }

  /// A quotient by a positive number, a symbol, their product, or a sum that is positive.
  private Case quotient(Case a) {
    long c = random.nextInt(1, 9);
    String symbol = symbols.get(random.nextInt(symbols.size()));
    Dim dim = Dim.symbol(symbol);
    return switch (random.nextInt(8)) {
      case 0 ->
          new Case(
              a.dim.floorDiv(dim.times(c)),
              v -> Math.floorDiv(a.value.applyAsLong(v), c * get(v, symbol)));
      case 1 ->
          new Case(
              a.dim.floorDiv(dim.plus(c)),
              v -> Math.floorDiv(a.value.applyAsLong(v), c + get(v, symbol)));
      case 2 -> new Case(a.dim.ceilDiv(Dim.of(c)), v -> Math.ceilDiv(a.value.applyAsLong(v), c));
      case 3 ->
          new Case(a.dim.ceilDiv(dim), v -> Math.ceilDiv(a.value.applyAsLong(v), get(v, symbol)));
      case 4 -> new Case(a.dim.mod(Dim.of(c)), v -> Math.floorMod(a.value.applyAsLong(v), c));
      case 5 -> new Case(a.dim.floorDiv(-c), v -> Math.floorDiv(a.value.applyAsLong(v), -c));
      default -> new Case(a.dim.floorDiv(c), v -> Math.floorDiv(a.value.applyAsLong(v), c));
    };
  }

  private static long get(Map<String, Long> values, String symbol) {
    return java.util.Objects.requireNonNull(values.get(symbol));
  }

  /// Values from 1 to 12 for all symbols.
  Map<String, Long> values() {
    Map<String, Long> values = new HashMap<>();
    symbols.forEach(s -> values.put(s, (long) random.nextInt(1, 13)));
    return values;
  }
}
