package dev.sinter.onnx.export;

import dev.sinter.ir.Atom;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Facts;
import dev.sinter.onnx.model.OnnxAttribute;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Sizes and indices as nodes that compute them, in `i64`.
final class DimNodes {
  private final NodeSink sink;
  private final Scope none;
  private final Function<String, RuntimeException> missing;
  private final Map<String, Source> sources;
  private final Map<String, Grid> told;

  /// Where a symbol's value comes from.
  ///
  /// @param input the input whose size says it
  /// @param axis which size
  /// @param factor what the symbol is multiplied with there
  /// @param rest what is added there
  record Source(String input, int axis, Dim factor, Dim rest) {}

  /// @param sources where each symbol comes from
  /// @param missing what to throw for a symbol without a source
  DimNodes(
      NodeSink sink,
      Facts facts,
      Map<String, Source> sources,
      Function<String, RuntimeException> missing) {
    this(sink, facts, sources, new HashMap<>(), missing);
  }

  private DimNodes(
      NodeSink sink,
      Facts facts,
      Map<String, Source> sources,
      Map<String, Grid> told,
      Function<String, RuntimeException> missing) {
    this.told = told;
    this.sink = sink;
    this.none = Scope.of(List.of(), facts);
    this.sources = sources;
    this.missing = missing;
  }

  /// The same for nodes that go elsewhere.
  DimNodes in(NodeSink other) {
    return new DimNodes(other, none.facts(), sources, told, missing);
  }

  /// Says that data tells a size.
  void tell(String symbol, Grid value) {
    told.put(symbol, value);
  }

  /// A size.
  Grid size(Dim dim) {
    return of(dim, none);
  }

  /// Sizes as a list.
  String list(List<Dim> dims) {
    if (dims.stream().allMatch(Dim::isConstant)) {
      return sink.list(dims.stream().map(Dim::constant).toList());
    }
    List<String> parts = new ArrayList<>();
    List<Long> constants = new ArrayList<>();
    for (Dim dim : dims) {
      if (dim.isConstant()) {
        constants.add(dim.constant());
        continue;
      }
      flush(constants, parts);
      parts.add(sink.unsqueezed(size(dim).name(), 1, List.of()));
    }
    flush(constants, parts);
    return parts.size() == 1
        ? parts.getFirst()
        : sink.add("Concat", parts, NodeSink.attribute("axis", 0));
  }

  private void flush(List<Long> constants, List<String> parts) {
    if (!constants.isEmpty()) {
      parts.add(sink.list(constants));
      constants.clear();
    }
  }

  /// An expression over sizes and the axes of `scope`.
  Grid of(Dim dim, Scope scope) {
    Grid sum = null;
    for (boolean positive : new boolean[] {true, false}) {
      for (Dim.Term term : dim.terms()) {
        if (term.coefficient() > 0 != positive) {
          continue;
        }
        if (sum == null) {
          sum = product(term.coefficient(), term.atoms(), scope);
        } else {
          Grid next = product(Math.abs(term.coefficient()), term.atoms(), scope);
          sum = sink.apply(positive ? "Add" : "Sub", DType.I64, sum, next);
        }
      }
    }
    return sum == null ? sink.integer(0) : sum;
  }

  private Grid product(long coefficient, List<Atom> atoms, Scope scope) {
    Grid product = coefficient == 1 && !atoms.isEmpty() ? null : sink.integer(coefficient);
    for (Atom atom : atoms) {
      Grid factor = of(atom, scope);
      product = product == null ? factor : sink.apply("Mul", DType.I64, factor, product);
    }
    return Objects.requireNonNull(product);
  }

  private Grid of(Atom atom, Scope scope) {
    return switch (atom) {
      case Atom.Symbol(String name) -> {
        int axis = scope.place(name);
        yield axis < 0 ? symbol(name) : axis(scope, axis);
      }
      case Atom.FloorQuotient(Dim a, Dim b) -> {
        Grid left = of(a, scope);
        Grid right = of(b, scope);
        // ONNX's quotient truncates.
        boolean plain = scope.prover().atLeast(a, Dim.ZERO) && scope.prover().atLeast(b, Dim.ONE);
        Grid whole =
            plain
                ? left
                : sink.apply("Sub", DType.I64, left, sink.apply("Mod", DType.I64, left, right));
        yield sink.apply("Div", DType.I64, whole, right);
      }
      case Atom.Max(Dim a, Dim b) -> sink.apply("Max", DType.I64, of(a, scope), of(b, scope));
      case Atom.Min(Dim a, Dim b) -> sink.apply("Min", DType.I64, of(a, scope), of(b, scope));
    };
  }

  /// The index along an axis of the scope.
  Grid axis(Scope scope, int axis) {
    String count = count(scope.extent(axis));
    return new Grid(
        sink.unsqueezed(count, scope.rank(), List.of(axis)),
        DType.I64,
        scope.rank(),
        List.of(axis));
  }

  /// The list 0, 1, 2, ...
  private String count(Dim extent) {
    return sink.add(
        "Range", List.of(sink.integer(0).name(), size(extent).name(), sink.integer(1).name()));
  }

  private Grid symbol(String name) {
    Grid known = told.get(name);
    if (known != null) {
      return known;
    }
    Source source = sources.get(name);
    if (source == null) {
      throw missing.apply(name);
    }
    String shape = sink.add("Shape", List.of(source.input()));
    String size =
        sink.add("Gather", List.of(shape, sink.integer(source.axis()).name()), axisZero());
    Grid value = Grid.scalar(size, DType.I64);
    if (!source.rest().is(0)) {
      value = sink.apply("Sub", DType.I64, value, size(source.rest()));
    }
    return source.factor().is(1)
        ? value
        : sink.apply("Div", DType.I64, value, size(source.factor()));
  }

  private static OnnxAttribute axisZero() {
    return NodeSink.attribute("axis", 0);
  }

  /// Where the symbols of inputs come from.
  ///
  /// @param inputs names and sizes
  static Map<String, Source> sources(Map<String, List<Dim>> inputs) {
    Map<String, Source> sources = new LinkedHashMap<>();
    inputs.forEach((input, dims) -> {
      for (int axis = 0; axis < dims.size(); axis++) {
        String symbol = dims.get(axis).symbolName();
        if (symbol != null) {
          sources.putIfAbsent(symbol, new Source(input, axis, Dim.ONE, Dim.ZERO));
        }
      }
    });
    boolean progress = true;
    while (progress) {
      progress = false;
      for (Map.Entry<String, List<Dim>> input : inputs.entrySet()) {
        for (int axis = 0; axis < input.getValue().size(); axis++) {
          Dim dim = input.getValue().get(axis);
          String unknown = unknown(dim, sources);
          Dim factor = unknown == null ? null : dim.coefficient(unknown);
          if (unknown != null && factor != null) {
            Dim rest = dim.minus(factor.times(Dim.symbol(unknown)));
            sources.put(unknown, new Source(input.getKey(), axis, factor, rest));
            progress = true;
          }
        }
      }
    }
    return sources;
  }

  /// The one symbol of `dim` without a source, if there is one and no other.
  private static @Nullable String unknown(Dim dim, Map<String, Source> sources) {
    List<String> unknown = dim.symbols().stream().filter(s -> !sources.containsKey(s)).toList();
    return unknown.size() == 1 ? unknown.getFirst() : null;
  }
}
