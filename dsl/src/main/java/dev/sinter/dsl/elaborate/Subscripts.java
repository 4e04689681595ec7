package dev.sinter.dsl.elaborate;

import dev.sinter.dsl.ast.Expr;
import dev.sinter.dsl.ast.Subscript;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.ir.op.Concat;
import dev.sinter.ir.op.Gather;
import dev.sinter.ir.op.Reshape;
import dev.sinter.ir.op.Slice;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `x[:, 0..3, ..]` of tensors and lists.
final class Subscripts {
  private final Elaboration all;

  Subscripts(Elaboration all) {
    this.all = all;
  }

  Datum index(Expr.Index index, Scope scope, @Nullable Build build) {
    Datum value = all.expressions().eval(index.value(), scope, build);
    return switch (value) {
      case Datum.Many(List<Datum> elements) -> element(elements, index, scope, build);
      case Datum.Tensor(Value tensor) ->
          new Datum.Tensor(slice(tensor, index, scope, Faults.graph(build, index.span())));
      default ->
          throw Faults.of(
              DiagnosticCode.WRONG_KIND, index.span(), value.kind() + " has no elements");
    };
  }

  private Datum element(
      List<Datum> elements, Expr.Index index, Scope scope, @Nullable Build build) {
    if (index.subscripts().size() != 1
        || !(index.subscripts().getFirst() instanceof Subscript.At at)) {
      throw Faults.of(DiagnosticCode.WRONG_ARGUMENTS, index.span(), "a list takes one index");
    }
    long i = all.expressions().integer(at.place(), scope, build);
    if (i < 0 || i >= elements.size()) {
      throw Faults.of(
          DiagnosticCode.OUT_OF_RANGE,
          index.span(),
          "element " + i + " of a list of " + elements.size());
    }
    return elements.get((int) i);
  }

  private Value slice(Value tensor, Expr.Index index, Scope scope, Build build) {
    int rank = tensor.type().rank();
    List<Subscript> subscripts = index.subscripts();
    long rests = subscripts.stream().filter(s -> s instanceof Subscript.Rest).count();
    if (rests > 1 || subscripts.size() - rests > rank) {
      throw Faults.of(
          DiagnosticCode.RANKS_DIFFER,
          index.span(),
          subscripts.size() + " indices for " + tensor.type());
    }
    Value value = tensor;
    int axis = 0;
    List<Dim> starts = new ArrayList<>();
    List<Dim> sizes = new ArrayList<>();
    List<Integer> dropped = new ArrayList<>();
    List<Value> gathered = new ArrayList<>();
    List<Integer> gatheredAxes = new ArrayList<>();
    for (Subscript subscript : subscripts) {
      switch (subscript) {
        case Subscript.All whole -> {
          starts.add(Dim.ZERO);
          sizes.add(tensor.type().dim(axis++));
        }
        case Subscript.Rest rest -> {
          for (int n = rank - (subscripts.size() - 1); n > 0; n--) {
            starts.add(Dim.ZERO);
            sizes.add(tensor.type().dim(axis++));
          }
        }
        case Subscript.At at -> {
          Datum place = all.expressions().eval(at.place(), scope, build);
          if (place instanceof Datum.Tensor(Value places)) {
            gathered.add(places);
            gatheredAxes.add(axis);
            starts.add(Dim.ZERO);
            sizes.add(tensor.type().dim(axis++));
          } else {
            Dim start = all.expressions().size(at.place(), scope, build);
            within(start, Dim.ONE, tensor.type().dim(axis), build, at.place().span());
            starts.add(start);
            sizes.add(Dim.ONE);
            dropped.add(axis++);
          }
        }
        case Subscript.Slice range -> {
          Dim from = all.expressions().size(range.from(), scope, build);
          Dim size = all.expressions().size(range.to(), scope, build).minus(from);
          within(from, size, tensor.type().dim(axis), build, index.span());
          starts.add(from);
          sizes.add(size);
          axis++;
        }
      }
    }
    for (; axis < rank; axis++) {
      starts.add(Dim.ZERO);
      sizes.add(tensor.type().dim(axis));
    }
    if (!sizes.equals(tensor.type().shape())) {
      value = build.builder().add(new Slice(starts, sizes, steps(rank)), value);
    }
    if (gathered.size() > 1) {
      throw Faults.of(
          DiagnosticCode.WRONG_ARGUMENTS,
          index.span(),
          "only one index may be a tensor; use index notation for more");
    }
    if (!gathered.isEmpty()) {
      value = build.builder().add(new Gather(gatheredAxes.getFirst()), value, gathered.getFirst());
      if (!dropped.isEmpty()) {
        throw Faults.of(
            DiagnosticCode.WRONG_ARGUMENTS,
            index.span(),
            "a tensor and a number as indices at once; take one after the other");
      }
    }
    return dropped.isEmpty() ? value : without(value, dropped, build);
  }

  private static void within(Dim start, Dim size, Dim of, Build build, Span span) {
    if (!build.facts().atLeast(start, Dim.ZERO)
        || !build.facts().atLeast(of, start.plus(size))
        || !build.facts().atLeast(size, Dim.ONE)) {
      throw new Fault(
          Diagnostic.error(
                  DiagnosticCode.OUT_OF_RANGE,
                  span,
                  "`"
                      + start
                      + ".."
                      + start.plus(size)
                      + "` is not proved to lie within the axis's `0.."
                      + of
                      + "`")
              .help(
                  start.isConstant() && start.constant() < 0
                      ? "from the end, write the size: `" + of + " - " + -start.constant() + "`"
                      : "state what is known of the sizes with `where (...)`"));
    }
  }

  private static List<Long> steps(int rank) {
    return java.util.Collections.nCopies(rank, 1L);
  }

  private static Value without(Value value, List<Integer> axes, Build build) {
    List<Dim> shape = new ArrayList<>();
    for (int i = 0; i < value.type().rank(); i++) {
      if (!axes.contains(i)) {
        shape.add(value.type().dim(i));
      }
    }
    return build.builder().add(new Reshape(shape), value);
  }

  /// The slice of `tensor` at `index` along `axis`, which goes.
  static Value at(Value tensor, int axis, Dim index, Build build) {
    List<Dim> starts = new ArrayList<>();
    List<Dim> sizes = new ArrayList<>();
    for (int i = 0; i < tensor.type().rank(); i++) {
      starts.add(i == axis ? index : Dim.ZERO);
      sizes.add(i == axis ? Dim.ONE : tensor.type().dim(i));
    }
    Value slice =
        build.builder().add(new Slice(starts, sizes, steps(tensor.type().rank())), tensor);
    return without(slice, List.of(axis), build);
  }

  /// `parts` one after the other along a new first axis.
  static Value stack(List<Value> parts, Build build) {
    List<Value> rows = new ArrayList<>();
    for (Value part : parts) {
      List<Dim> shape = new ArrayList<>(part.type().shape());
      shape.addFirst(Dim.ONE);
      rows.add(build.builder().add(new Reshape(shape), part));
    }
    return build.builder().add(new Concat(0), rows, List.of(), "stack").result();
  }
}
