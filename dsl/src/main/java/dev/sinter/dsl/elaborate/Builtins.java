package dev.sinter.dsl.elaborate;

import dev.sinter.dsl.ast.BinaryOperator;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Gradient;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/// The functions of the language itself, by name.
final class Builtins {
  private Builtins() {}

  /// All of them.
  static Map<String, Builtin> table() {
    Map<String, Builtin> table = new LinkedHashMap<>();
    for (Pointwise row : Pointwise.values()) {
      table.put(row.name().toLowerCase(Locale.ROOT), site -> pointwise(row, site));
    }
    table.put("identity", site -> site.datum(0, "x"));
    table.put("leaky_relu", Builtins::leakyRelu);
    table.put("lerp", Builtins::lerp);
    table.put("clamp", Builtins::clamp);
    table.put("floor", site -> rounded(site, false));
    table.put("ceil", site -> rounded(site, true));
    table.put("grad", Builtins::grad);
    for (String reduction :
        List.of("sum", "mean", "prod", "variance", "norm", "any", "all", "logsumexp")) {
      table.put(reduction, site -> whole(reduction, site));
    }
    table.put("max", site -> extreme("max", Pointwise.MAX, site));
    table.put("min", site -> extreme("min", Pointwise.MIN, site));
    ArrayBuiltins.addTo(table);
    NetworkBuiltins.addTo(table);
    WindowBuiltins.addTo(table);
    RandomBuiltins.addTo(table);
    return table;
  }

  /// The names that mean something everywhere: functions, those with axes too, and values.
  static Set<String> names() {
    Set<String> names = new HashSet<>(table().keySet());
    names.addAll(List.of("einsum", "rearrange", "repeat", "training", "iteration"));
    names.addAll(List.of("inf", "nan", "pi", "int", "float", "string"));
    for (Reducer reducer : Reducer.values()) {
      names.add("scatter_" + (reducer == Reducer.PRODUCT ? "prod" : reducer.toString()));
    }
    return names;
  }

  private static Datum pointwise(Pointwise row, CallSite site) {
    site.only(row.arity());
    List<Datum> data = new ArrayList<>();
    for (int i = 0; i < row.arity(); i++) {
      data.add(site.datum(i, "argument " + (i + 1)));
    }
    if (data.stream().noneMatch(d -> d instanceof Datum.Tensor)) {
      Datum number = Numbers.apply(row, data);
      if (number != null) {
        return number;
      }
    }
    int first = row == Pointwise.SELECT ? 1 : 0;
    DType beside = DType.F32;
    for (Datum datum : data.subList(first, data.size())) {
      if (datum instanceof Datum.Tensor(Value value)) {
        beside = value.type().dtype();
      }
    }
    List<Value> operands = new ArrayList<>();
    for (int i = 0; i < data.size(); i++) {
      operands.add(
          Arithmetic.tensor(
              data.get(i),
              i < first ? DType.BOOL : beside,
              site.arguments().get(i).span(),
              site.build()));
    }
    return Arithmetic.pointwise(row, operands, site.span(), site.build());
  }

  private static Datum binary(BinaryOperator operator, Datum a, Datum b, CallSite site) {
    return Arithmetic.apply(operator, a, b, site.span(), site.graph());
  }

  private static Datum leakyRelu(CallSite site) {
    site.only(2, "x", "slope");
    Value x = site.tensor(0, "x");
    Datum negative =
        binary(
            BinaryOperator.MULTIPLY,
            new Datum.Tensor(x),
            new Datum.Real(site.real(1, "slope", 0.01)),
            site);
    Value positive =
        ((Datum.Tensor)
                binary(BinaryOperator.GREATER, new Datum.Tensor(x), new Datum.Size(Dim.ZERO), site))
            .value();
    return Arithmetic.pointwise(
        Pointwise.SELECT,
        List.of(positive, x, ((Datum.Tensor) negative).value()),
        site.span(),
        site.build());
  }

  /// `a + t * (b - a)`.
  private static Datum lerp(CallSite site) {
    site.only(3, "a", "b", "t");
    Datum a = site.datum(0, "a");
    Datum away = binary(BinaryOperator.SUBTRACT, site.datum(1, "b"), a, site);
    return binary(
        BinaryOperator.ADD,
        a,
        binary(BinaryOperator.MULTIPLY, site.datum(2, "t"), away, site),
        site);
  }

  private static Datum clamp(CallSite site) {
    site.only(3, "x", "low", "high");
    Value x = site.tensor(0, "x");
    DType dtype = x.type().dtype();
    Value low = site.tensor(1, "low", dtype);
    Value high = site.tensor(2, "high", dtype);
    Datum raised = Arithmetic.pointwise(Pointwise.MAX, List.of(x, low), site.span(), site.build());
    return Arithmetic.pointwise(
        Pointwise.MIN, List.of(((Datum.Tensor) raised).value(), high), site.span(), site.build());
  }

  /// `floor(a / b)` and `ceil(a / b)` of sizes reach here with the quotient not taken; see
  /// [Numbers#quotient].
  private static Datum rounded(CallSite site, boolean up) {
    site.only(1);
    return switch (site.datum(0, "x")) {
      case Datum.Real(double value) ->
          new Datum.Size(Dim.of((long) (up ? Math.ceil(value) : Math.floor(value))));
      case Datum.Size size -> size;
      default -> pointwise(up ? Pointwise.CEIL : Pointwise.FLOOR, site);
    };
  }

  /// A reduction of a whole tensor to a scalar.
  private static Datum whole(String name, CallSite site) {
    site.only(1, "x");
    Value x = site.tensor(0, "x");
    List<Integer> axes = IntStream.range(0, x.type().rank()).boxed().toList();
    return new Datum.Tensor(AxisReductions.reduce(name, x, axes, site.build(), site.span()));
  }

  /// Of one tensor its extreme element, of two values the one that is further.
  private static Datum extreme(String name, Pointwise row, CallSite site) {
    if (site.count() != 1) {
      if (site.arguments().size() == 2
          && site.datum(0, "a") instanceof Datum.Size(Dim a)
          && site.datum(1, "b") instanceof Datum.Size(Dim b)) {
        return new Datum.Size(row == Pointwise.MAX ? a.max(b) : a.min(b));
      }
      return pointwise(row, site);
    }
    return whole(name, site);
  }

  /// `grad(y, wrt = x)`.
  private static Datum grad(CallSite site) {
    site.only(2, "y", "wrt");
    Value y = site.tensor(0, "y");
    Value x = site.tensor(1, "wrt");
    if (y.type().rank() != 0) {
      throw Faults.of(
          DiagnosticCode.RANKS_DIFFER,
          site.span(),
          "`grad` derives a scalar, not " + y.type() + "; take its `sum` or `mean` first");
    }
    return new Datum.Tensor(
        site.build().builder().add(new Gradient(), List.of(y, x), List.of(), "grad").result());
  }
}
