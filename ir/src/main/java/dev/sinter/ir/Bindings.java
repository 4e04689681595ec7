package dev.sinter.ir;

import dev.sinter.runtime.ShapeException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The values of the symbols in sizes.
///
/// @param values for each symbol its value
public record Bindings(Map<String, Long> values) {
  /// No symbol has a value.
  public static final Bindings NONE = new Bindings(Map.of());

  public Bindings {
    values = Map.copyOf(values);
  }

  /// The values that give tensors of `types` the sizes `shapes`.
  ///
  /// Each symbol must be found from a size that is linear in it once the others are known. All
  /// sizes are then checked.
  ///
  /// @throws ShapeException if no values do, naming the tensor
  public static Bindings of(List<String> names, List<TensorType> types, List<long[]> shapes) {
    Map<String, Long> values = new HashMap<>();
    List<Map.Entry<Dim, Long>> equations = new ArrayList<>();
    for (int i = 0; i < types.size(); i++) {
      if (types.get(i).rank() != shapes.get(i).length) {
        throw misfit(names.get(i), types.get(i), shapes.get(i));
      }
      for (int axis = 0; axis < types.get(i).rank(); axis++) {
        equations.add(Map.entry(types.get(i).dim(axis), shapes.get(i)[axis]));
      }
    }
    boolean progress = true;
    while (progress) {
      progress = false;
      for (Map.Entry<Dim, Long> equation : equations) {
        progress |= solve(equation.getKey(), equation.getValue(), values);
      }
    }
    Bindings bindings = new Bindings(values);
    for (int i = 0; i < types.size(); i++) {
      for (int axis = 0; axis < types.get(i).rank(); axis++) {
        Long size = bindings.find(types.get(i).dim(axis));
        if (size == null || size != shapes.get(i)[axis]) {
          throw misfit(names.get(i), types.get(i), shapes.get(i));
        }
      }
    }
    return bindings;
  }

  private static ShapeException misfit(String name, TensorType type, long[] shape) {
    return new ShapeException(
        "%s is %s, which the shape %s does not fit"
            .formatted(name, type, dev.sinter.runtime.Shapes.text(shape)));
  }

  /// Finds the one unknown symbol of `dim == value`, if it has one and is linear in it.
  private static boolean solve(Dim dim, long value, Map<String, Long> values) {
    String unknown = null;
    for (String symbol : dim.symbols()) {
      if (!values.containsKey(symbol)) {
        if (unknown != null) {
          return false;
        }
        unknown = symbol;
      }
    }
    if (unknown == null) {
      return false;
    }
    Dim factor = dim.coefficient(unknown);
    if (factor == null) {
      return false;
    }
    Bindings known = new Bindings(values);
    long slope = known.evaluate(factor);
    long rest = known.evaluate(dim.minus(factor.times(Dim.symbol(unknown))));
    if (slope == 0 || (value - rest) % slope != 0) {
      return false;
    }
    values.put(unknown, (value - rest) / slope);
    return true;
  }

  /// These and the value of one symbol more.
  public Bindings and(String symbol, long value) {
    Map<String, Long> more = new HashMap<>(values);
    more.put(symbol, value);
    return new Bindings(more);
  }

  /// The value of `dim`.
  ///
  /// @throws IllegalArgumentException if it has a symbol without a value
  public long evaluate(Dim dim) {
    return dim.evaluate(this::value);
  }

  private long value(String symbol) {
    Long value = values.get(symbol);
    if (value == null) {
      throw new IllegalArgumentException("the size " + symbol + " is not known");
    }
    return value;
  }

  private @Nullable Long find(Dim dim) {
    return values.keySet().containsAll(dim.symbols()) ? evaluate(dim) : null;
  }

  /// The values of `dims`.
  public long[] shape(List<Dim> dims) {
    return dims.stream().mapToLong(this::evaluate).toArray();
  }

  /// Checks that the symbols are at least 1 where no fact says otherwise, and that the facts hold.
  ///
  /// @throws ShapeException naming what does not hold
  public void check(Facts facts) {
    values.forEach((symbol, value) -> {
      if (value < facts.least(symbol)) {
        throw new ShapeException(
            "the size %s is %d, which is less than %d"
                .formatted(symbol, value, facts.least(symbol)));
      }
    });
    for (Facts.Fact fact : facts.facts()) {
      if (!holds(fact)) {
        throw new ShapeException("the sizes %s do not fit %s".formatted(values, fact));
      }
    }
  }

  private boolean holds(Facts.Fact fact) {
    return switch (fact) {
      case Facts.Fact.AtLeast(Dim left, Dim right) ->
          unknown(left, right) || evaluate(left) >= evaluate(right);
      case Facts.Fact.Equal(Dim left, Dim right) ->
          unknown(left, right) || evaluate(left) == evaluate(right);
      case Facts.Fact.Divides(Dim divisor, Dim dim) ->
          unknown(divisor, dim) || Math.floorMod(evaluate(dim), evaluate(divisor)) == 0;
    };
  }

  private boolean unknown(Dim a, Dim b) {
    return find(a) == null || find(b) == null;
  }
}
