package dev.sinter.dsl.elaborate;

import dev.sinter.dsl.ast.Expr;
import dev.sinter.dsl.ast.Result;
import dev.sinter.dsl.ast.TypeSyntax;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Facts;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.ir.op.Reshape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a function gives, and a value that is declared to have a type: a tensor must have it, a
/// number fills it.
final class Results {
  private final Elaboration all;

  Results(Elaboration all) {
    this.all = all;
  }

  /// The declared types of the results; none for what is no tensor.
  List<Optional<TensorType>> declared(Result result, Scope scope, @Nullable Build build) {
    return switch (result) {
      case Result.Single single -> List.of(resolved(single.type(), scope, build));
      case Result.Named named ->
          named.fields().stream().map(f -> resolved(f.type(), scope, build)).toList();
    };
  }

  private Optional<TensorType> resolved(TypeSyntax type, Scope scope, @Nullable Build build) {
    return all.types().isTensor(type, scope)
        ? Optional.of(all.types().resolve(type, scope, build))
        : Optional.empty();
  }

  /// `value` as the results that are declared.
  Datum checked(
      Result result,
      List<Optional<TensorType>> declared,
      Datum value,
      @Nullable Build build,
      Span span) {
    List<Datum> values =
        value instanceof Datum.Tuple(List<Datum> elements, List<String> names)
            ? elements
            : List.of(value);
    if (values.size() != declared.size()) {
      throw new Fault(
          Diagnostic.error(
                  DiagnosticCode.WRONG_RESULT,
                  span,
                  "the function gives "
                      + values.size()
                      + " values, declared are "
                      + declared.size())
              .also(result.span(), "declared here")
              .help(
                  values.size() > declared.size()
                      ? "take them apart: `a, b = f(x)`, or `f(x).a`"
                      : "return as many: `return (a, b)`"));
    }
    List<Datum> out = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      Optional<TensorType> type = declared.get(i);
      Span at = result instanceof Result.Named named ? named.fields().get(i).span() : result.span();
      if (result instanceof Result.Named named) {
        names.add(named.fields().get(i).name().text());
      }
      out.add(
          type.isEmpty() || build == null
              ? values.get(i)
              : conform(values.get(i), type.get(), build, "the result", span, at));
    }
    return Datum.results(out, names);
  }

  /// A value as one of the declared type: a number fills it, a tensor must have it.
  Datum conform(Datum value, TensorType type, Build build, String what, Span span, Span declared) {
    if (value instanceof Datum.Shapeless(Datum.Maker maker)) {
      return maker.make(type, build);
    }
    Value tensor = Arithmetic.tensor(value, type.dtype(), span, build);
    if (tensor.type().rank() == 0 && type.rank() > 0 && !(value instanceof Datum.Tensor)) {
      tensor = Arithmetic.broadcast(tensor, type.shape(), build);
    }
    all.types().check(type, tensor.type(), build.facts(), what, span, declared);
    // Sizes that are equal only by facts go on under the declared names.
    return new Datum.Tensor(
        tensor.type().equals(type)
            ? tensor
            : build.builder().add(new Reshape(type.shape()), tensor));
  }

  /// `x :> f32[N, D]`.
  Datum coerce(Expr.Coerce coerce, Scope scope, @Nullable Build build) {
    Build graph = Faults.graph(build, coerce.span());
    TensorType type = all.types().resolve(coerce.type(), scope, graph);
    Datum value = all.expressions().eval(coerce.value(), scope, graph, type);
    Value tensor = Arithmetic.tensor(value, type.dtype(), coerce.span(), graph);
    if (tensor.type().dtype() != type.dtype() || tensor.type().rank() != type.rank()) {
      all.types()
          .check(type, tensor.type(), graph.facts(), "the value", coerce.span(), coerce.span());
    }
    Set<Dim> assumed = new HashSet<>();
    for (int i = 0; i < type.rank(); i++) {
      if (!graph.facts().equal(type.dim(i), tensor.type().dim(i)) && assumed.add(type.dim(i))) {
        graph.add(new Facts.Fact.Equal(type.dim(i), tensor.type().dim(i)));
      }
    }
    return conform(
        new Datum.Tensor(tensor), type, graph, "the value", coerce.span(), coerce.type().span());
  }
}
