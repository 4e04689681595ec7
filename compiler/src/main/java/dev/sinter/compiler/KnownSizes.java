package dev.sinter.compiler;

import dev.sinter.ir.Dim;
import dev.sinter.ir.program.Program;
import dev.sinter.ir.program.Program.DimSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The values of a program's symbols for given sizes of its inputs.
///
/// @param values each symbol's
/// @param assumed the symbols that nobody gave a value
public record KnownSizes(Map<String, Dim> values, List<String> assumed) {
  /// What a size is taken for that nobody gives, the same as where estimates need one.
  public static final long TYPICAL = 32;

  /// The values that follow from the sizes of inputs; what does not follow is taken for [#TYPICAL].
  ///
  /// @param given the sizes of inputs, by their number among the program's
  public static KnownSizes of(Program program, Map<Integer, List<Long>> given) {
    Map<String, Dim> values = new LinkedHashMap<>();
    List<String> assumed = new ArrayList<>();
    for (DimSource source : program.dims()) {
      switch (source) {
        case DimSource.OfInput(String symbol, int input, int axis, Dim factor, Dim rest) -> {
          List<Long> shape = given.get(input);
          if (shape != null) {
            long size = shape.get(axis) - value(rest, values);
            values.put(symbol, Dim.of(Math.max(1, size / Math.max(1, value(factor, values)))));
          } else {
            assumed.add(symbol);
            values.put(symbol, Dim.of(TYPICAL));
          }
        }
        case DimSource.OfState state -> {
          assumed.add(state.symbol());
          values.put(state.symbol(), Dim.of(TYPICAL));
        }
        case DimSource.OfLoop turn -> values.put(turn.symbol(), Dim.ZERO);
        case DimSource.OfValue(String symbol, Dim bound) ->
            values.put(symbol, Dim.of(value(bound, values)));
      }
    }
    return new KnownSizes(values, assumed);
  }

  private static long value(Dim dim, Map<String, Dim> values) {
    return dim.substitute(values).evaluate(symbol -> TYPICAL);
  }

  /// The value of an expression over the symbols.
  public long value(Dim dim) {
    return value(dim, values);
  }
}
