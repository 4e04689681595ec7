package dev.sinter.dsl.elaborate;

import dev.sinter.dsl.ast.Argument;
import dev.sinter.dsl.ast.BinaryOperator;
import dev.sinter.dsl.ast.Body;
import dev.sinter.dsl.ast.Expr;
import dev.sinter.dsl.ast.Name;
import dev.sinter.dsl.ast.UnaryOperator;
import dev.sinter.ir.Dim;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What an expression stands for.
final class Expressions {
  private final Elaboration all;

  Expressions(Elaboration all) {
    this.all = all;
  }

  /// Evaluates `expr`.
  ///
  /// @param build the entry that is built; null where members are made, so that all must be known
  ///   at compile time
  /// @param expected the declared type of the value, for those that take theirs from it; or null
  Datum eval(Expr expr, Scope scope, @Nullable Build build, @Nullable TensorType expected) {
    if (build == null) {
      return settled(evaluate(expr, scope, null, expected), null, expected);
    }
    return build.at(
        expr.span(), () -> settled(evaluate(expr, scope, build, expected), build, expected));
  }

  /// Evaluates `expr` without a declared type.
  Datum eval(Expr expr, Scope scope, @Nullable Build build) {
    return eval(expr, scope, build, null);
  }

  /// A value that waits for its shape takes the declared one, a list of numbers becomes a tensor.
  private static Datum settled(Datum datum, @Nullable Build build, @Nullable TensorType expected) {
    if (expected == null || build == null) {
      return datum;
    }
    return switch (datum) {
      case Datum.Shapeless(Datum.Maker maker) -> maker.make(expected, build);
      case Datum.Many list ->
          Literals.tensor(list, expected, build).<Datum>map(v -> v).orElse(list);
      default -> datum;
    };
  }

  private Datum evaluate(
      Expr expr, Scope scope, @Nullable Build build, @Nullable TensorType expected) {
    return switch (expr) {
      case Expr.Parens parens -> eval(parens.value(), scope, build, expected);
      case Expr.Numeral number ->
          number.isInteger()
              ? new Datum.Size(Dim.of(number.value().longValue()))
              : new Datum.Real(number.value().doubleValue());
      case Expr.Text text -> new Datum.Text(text.literal().value());
      case Expr.Truth truth -> new Datum.Truth(truth.value());
      case Expr.DtypeName dtype -> new Datum.Type(dtypeOf(dtype.name()));
      case Expr.Named named -> named(named.name(), scope, build);
      case Expr.Instance instance -> instance(instance, scope, build);
      case Expr.Chain chain -> chain(chain, scope, build, expected);
      case Expr.Unary unary -> {
        Datum operand = eval(unary.operand(), scope, build, expected);
        yield unary.operator() == UnaryOperator.NEGATE
            ? Arithmetic.negate(operand, unary.span(), build)
            : Arithmetic.not(operand, unary.span(), build);
      }
      case Expr.If choice -> all.choices().choice(choice, scope, build, expected);
      case Expr.Pipe pipe -> pipe(pipe, scope, build);
      case Expr.Coerce coerce -> all.results().coerce(coerce, scope, build);
      case Expr.Call call -> all.calls().call(call, scope, build, expected);
      case Expr.Select select -> select(select, scope, build);
      case Expr.Index index -> all.subscripts().index(index, scope, build);
      case Expr.WithAxes axes -> all.axes().stage(axes);
      case Expr.Tuple tuple -> {
        List<Datum> values = new ArrayList<>();
        tuple.values().forEach(v -> values.add(eval(v, scope, build)));
        yield new Datum.Tuple(values, List.of());
      }
      case Expr.ListOf list -> {
        List<Datum> values = new ArrayList<>();
        list.values().forEach(v -> values.add(eval(v, scope, build)));
        yield new Datum.Many(values);
      }
      case Expr.Comprehension comprehension -> comprehension(comprehension, scope, build);
      case Expr.Block(Body.Block body) ->
          all.statements()
              .run(body, scope.inner(), Faults.graph(build, body.span()), expected, null);
      case Expr.Scan scan -> all.loops().scan(scan, scope, Faults.graph(build, scan.span()));
      case Expr.While loop -> all.loops().repeat(loop, scope, Faults.graph(build, loop.span()));
    };
  }

  private static DType dtypeOf(Name name) {
    return DType.parse(name.text().toLowerCase(Locale.ROOT)).orElseThrow();
  }

  private Datum named(Name name, Scope scope, @Nullable Build build) {
    Datum datum = scope.find(name.text());
    if (datum == null && name.text().equals("training")) {
      return new Datum.Truth(Faults.graph(build, name.span()).training());
    }
    if (datum == null && name.text().equals("iteration") && build != null) {
      return new Datum.Tensor(build.iteration());
    }
    if (datum == null && name.text().equals("inf")) {
      return new Datum.Real(Double.POSITIVE_INFINITY);
    }
    if (datum == null && name.text().equals("nan")) {
      return new Datum.Real(Double.NaN);
    }
    if (datum == null && name.text().equals("pi")) {
      return new Datum.Real(Math.PI);
    }
    if (datum == null) {
      datum = all.definition(name, scope);
    }
    if (datum == null) {
      List<String> known = new ArrayList<>(scope.all());
      known.addAll(all.names(scope));
      throw Faults.unknown("value", name.text(), name.span(), known);
    }
    if (datum instanceof Datum.Absent(String absent, String condition)) {
      throw new Fault(
          Diagnostic.error(
                  DiagnosticCode.ABSENT,
                  name.span(),
                  "`" + absent + "` is absent here: `when " + condition + "` does not hold")
              .help("read it in the arm of an `if " + condition + "`"));
    }
    return all.read(datum, scope, build);
  }

  private Datum chain(
      Expr.Chain chain, Scope scope, @Nullable Build build, @Nullable TensorType expected) {
    Datum left = eval(chain.first(), scope, build, expected);
    for (Expr.Link link : chain.rest()) {
      // `false and x` does not look at x, so that `when` and `if` may guard what is absent.
      if (left instanceof Datum.Truth(boolean known)
          && ((link.operator() == BinaryOperator.AND && !known)
              || (link.operator() == BinaryOperator.OR && known))) {
        continue;
      }
      Datum right = eval(link.operand(), scope, build, expected);
      left = Arithmetic.apply(link.operator(), left, right, link.span(), build);
    }
    return left;
  }

  private Datum pipe(Expr.Pipe pipe, Scope scope, @Nullable Build build) {
    Datum value = eval(pipe.stages().getFirst(), scope, build);
    for (Expr stage : pipe.stages().subList(1, pipe.stages().size())) {
      if (isRunTime(value)) {
        value = all.calls().apply(stage, value, scope, Faults.graph(build, stage.span()));
      } else {
        Datum next = eval(stage, scope, build);
        List<Datum> stages = new ArrayList<>(stages(value));
        stages.addAll(stages(next));
        value = new Datum.Pipeline(stages);
      }
    }
    return value;
  }

  private static boolean isRunTime(Datum datum) {
    return datum instanceof Datum.Tensor
        || datum instanceof Datum.Tuple
        || datum instanceof Datum.Real
        || datum instanceof Datum.Size;
  }

  private static List<Datum> stages(Datum datum) {
    return datum instanceof Datum.Pipeline(List<Datum> stages) ? stages : List.of(datum);
  }

  private Datum instance(Expr.Instance instance, Scope scope, @Nullable Build build) {
    if (instance.isSize()) {
      Datum size = scope.find(instance.name().text());
      if (size == null && expressionsKnow(instance.name(), scope)) {
        throw new Fault(
            Diagnostic.error(
                    DiagnosticCode.WRONG_KIND,
                    instance.span(),
                    "`" + instance.name().text() + "` alone is no value")
                .help("make one with its sizes and arguments: `" + instance.name().text() + "()`"));
      }
      if (size == null) {
        throw new Fault(
            Diagnostic.error(
                    DiagnosticCode.UNBOUND_SIZE,
                    instance.span(),
                    "nothing says what the size `" + instance.name().text() + "` is")
                .note("a size is bound where it first stands alone in the type of an argument"));
      }
      return size;
    }
    return all.instantiation().make(instance, scope, build);
  }

  private boolean expressionsKnow(Name name, Scope scope) {
    return isDefinition(name, scope);
  }

  /// Whether a capital name is that of a module, a model or an optimizer.
  boolean isDefinition(Name name, Scope scope) {
    return all.target(name, scope) != null;
  }

  private Datum select(Expr.Select select, Scope scope, @Nullable Build build) {
    Datum value = eval(select.value(), scope, build);
    return all.parts().part(value, select.name(), scope, build);
  }

  private Datum comprehension(Expr.Comprehension list, Scope scope, @Nullable Build build) {
    List<Datum> elements = new ArrayList<>();
    for (Datum each : all.loops().walked(list.each(), scope, build)) {
      Scope inner = scope.inner();
      inner.define(list.each().name().text(), each);
      elements.add(eval(list.value(), inner, build));
    }
    return new Datum.Many(elements);
  }

  /// The size that `expr` stands for.
  Dim size(Expr expr, Scope scope, @Nullable Build build) {
    Datum datum = eval(expr, scope, build);
    if (datum instanceof Datum.Size(Dim dim)) {
      return dim;
    }
    throw Faults.of(
        DiagnosticCode.WRONG_KIND, expr.span(), "expected a size or an int, found " + datum.kind());
  }

  /// The int that `expr` stands for.
  long integer(Expr expr, Scope scope, @Nullable Build build) {
    Dim dim = size(expr, scope, build);
    if (!dim.isConstant()) {
      throw Faults.of(
          DiagnosticCode.NOT_CONSTANT,
          expr.span(),
          "expected an int that is known at compile time, found the size " + dim);
    }
    return dim.constant();
  }

  /// The bool that `expr` stands for.
  boolean truth(Expr expr, Scope scope, @Nullable Build build) {
    Datum datum = eval(expr, scope, build);
    if (datum instanceof Datum.Truth(boolean value)) {
      return value;
    }
    throw Faults.of(
        DiagnosticCode.NOT_CONSTANT,
        expr.span(),
        "expected a bool that is known at compile time, found " + datum.kind());
  }

  /// The tensor that `expr` stands for.
  Value tensor(Expr expr, Scope scope, Build build) {
    return Arithmetic.tensor(eval(expr, scope, build), DType.F32, expr.span(), build);
  }

  /// The arguments, evaluated.
  List<Datum.Argued> arguments(List<Argument> arguments, Scope scope, @Nullable Build build) {
    List<Datum.Argued> out = new ArrayList<>();
    for (Argument argument : arguments) {
      String name = argument.name() == null ? "" : argument.name().text();
      Span value = argument.value().span();
      Span span = argument.name() == null ? value : argument.name().span().to(value);
      out.add(new Datum.Argued(name, eval(argument.value(), scope, build), span));
    }
    return out;
  }
}
