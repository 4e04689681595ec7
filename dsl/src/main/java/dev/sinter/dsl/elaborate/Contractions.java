package dev.sinter.dsl.elaborate;

import dev.sinter.ir.Axis;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Index;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.Value;
import dev.sinter.ir.op.Contract;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Sums of products in index notation that are plain contractions, and so run as those.
final class Contractions {
  private Contractions() {}

  /// The contraction that `sum(a[...] * b[...] for ...)` is, where each index is one axis.
  static Optional<Value> find(List<Axis> axes, Elem body, List<Value> operands, Build build) {
    if (!(body instanceof Elem.Reduce(Reducer reducer, var accumulator, List<Axis> bound, Elem of))
        || reducer != Reducer.SUM
        || !(of instanceof Elem.Call(ScalarFn fn, List<Elem> factors))
        || fn != ScalarFn.MUL
        || !(factors.get(0) instanceof Elem.Read a)
        || !(factors.get(1) instanceof Elem.Read b)) {
      return Optional.empty();
    }
    Map<String, Character> letters = new LinkedHashMap<>();
    axes.forEach(axis -> letters.put(axis.symbol(), (char) ('a' + letters.size())));
    bound.forEach(axis -> letters.put(axis.symbol(), (char) ('a' + letters.size())));
    Value left = operands.get(a.operand());
    Value right = operands.get(b.operand());
    String first = spell(a.at(), left, letters, axes, bound);
    String second = spell(b.at(), right, letters, axes, bound);
    StringBuilder out = new StringBuilder();
    axes.forEach(axis -> out.append(letters.get(axis.symbol())));
    if (first == null
        || second == null
        || letters.size() > 26
        || out.chars().anyMatch(c -> first.indexOf(c) < 0 && second.indexOf(c) < 0)) {
      return Optional.empty();
    }
    return Optional.of(
        Contract.of(build.builder(), first + "," + second + "->" + out, left, right));
  }

  private static @Nullable String spell(
      List<Index> at,
      Value operand,
      Map<String, Character> letters,
      List<Axis> axes,
      List<Axis> bound) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < at.size(); i++) {
      if (!(at.get(i) instanceof Index.At(var expr))) {
        return null;
      }
      String symbol = expr.symbolName();
      Character letter = symbol == null ? null : letters.get(symbol);
      if (letter == null
          || text.indexOf(letter.toString()) >= 0
          || !extent(symbol, axes, bound).equals(operand.type().dim(i))) {
        return null;
      }
      text.append(letter.charValue());
    }
    return text.toString();
  }

  private static Object extent(@Nullable String symbol, List<Axis> axes, List<Axis> bound) {
    for (List<Axis> list : List.of(axes, bound)) {
      for (Axis axis : list) {
        if (axis.symbol().equals(symbol)) {
          return axis.extent();
        }
      }
    }
    return "";
  }
}
