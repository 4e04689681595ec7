package dev.sinter.dsl.elaborate;

import dev.sinter.dsl.ast.Argument;
import dev.sinter.dsl.ast.Expr;
import dev.sinter.dsl.ast.Statement;
import dev.sinter.dsl.ast.Subscript;
import dev.sinter.dsl.ast.UnaryOperator;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Index;
import dev.sinter.ir.OpException;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.ir.op.Accumulate;
import dev.sinter.ir.op.Contractions;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/// `y[n, l in 0..L - K + 1] = sum(x[n, l + k] * w[k] for k)`: a tensor by what each element is.
final class IndexNotation {
  private final Elaboration all;

  IndexNotation(Elaboration all) {
    this.all = all;
  }

  Datum define(Statement.IndexLet let, Scope scope, Build build) {
    Notation notation = new Notation(scope, build);
    List<dev.sinter.ir.Axis> axes = notation.axes.declare(let.axes(), let.value());
    Elem body = notation.reckoned.elem(notation.item(let.value()), null, let.value().span());
    try {
      return new Datum.Tensor(
          Contractions.comprehension(
              build.builder(), axes, body, notation.reckoned.operands(), let.name().text()));
    } catch (OpException | IllegalArgumentException e) {
      throw Faults.of(DiagnosticCode.DTYPES_DIFFER, let.span(), String.valueOf(e.getMessage()));
    }
  }

  /// The reducer of `scatter_sum` and its like; nothing for other names.
  static Optional<Reducer> scatter(String name) {
    return switch (name) {
      case "scatter_sum" -> Optional.of(Reducer.SUM);
      case "scatter_prod" -> Optional.of(Reducer.PRODUCT);
      case "scatter_max" -> Optional.of(Reducer.MAX);
      case "scatter_min" -> Optional.of(Reducer.MIN);
      case "scatter_any" -> Optional.of(Reducer.ANY);
      case "scatter_all" -> Optional.of(Reducer.ALL);
      default -> Optional.empty();
    };
  }

  /// `scatter_sum(x[i, c], rows[i], c for i, c)`: a tensor of the declared type whose elements join
  /// the values that name their place; those that name none are left out.
  Datum scatter(Reducer reducer, Expr.Call call, Scope scope, Build build) {
    List<Expr> args = call.arguments().stream().map(Argument::value).toList();
    Notation notation = new Notation(scope, build);
    List<dev.sinter.ir.Axis> axes =
        notation.axes.declare(call.over(), new Expr.Tuple(args, call.span()));
    List<Elem> elems = new ArrayList<>();
    for (Expr arg : args) {
      elems.add(
          notation.reckoned.elem(
              notation.item(arg), elems.isEmpty() ? null : DType.I64, arg.span()));
    }
    return new Datum.Shapeless((type, at) -> {
      try {
        Accumulate op =
            new Accumulate(
                reducer, axes, type.shape(), elems.subList(1, elems.size()), elems.getFirst());
        return new Datum.Tensor(
            at.builder().add(op, notation.reckoned.operands(), List.of(), "").result());
      } catch (OpException e) {
        throw Faults.of(DiagnosticCode.SHAPES_DIFFER, call.span(), String.valueOf(e.getMessage()));
      }
    });
  }

  /// One definition: its axes in scope and the tensors that it reads.
  private final class Notation {
    private final Scope scope;
    private final Build build;
    private final NotationAxes axes;
    private final ItemArithmetic reckoned;

    Notation(Scope scope, Build build) {
      this.scope = scope;
      this.build = build;
      this.axes = new NotationAxes(all, scope, build);
      this.reckoned = new ItemArithmetic(build, axes);
    }

    Item item(Expr expr) {
      return switch (expr) {
        case Expr.Parens parens -> item(parens.value());
        case Expr.Named named when axes.index(named.name().text()) != null ->
            new Item.Whole(Objects.requireNonNull(axes.index(named.name().text())));
        case Expr.Index index -> read(index);
        case Expr.Chain chain -> {
          Item left = item(chain.first());
          for (Expr.Link link : chain.rest()) {
            left = reckoned.apply(link.operator(), left, item(link.operand()), link.span());
          }
          yield left;
        }
        case Expr.Unary unary -> unary(unary);
        case Expr.Call call -> call(call);
        case Expr.If choice -> {
          Datum condition = all.expressions().eval(choice.condition(), scope, build);
          if (condition instanceof Datum.Truth(boolean known)) {
            yield item(known ? choice.then() : choice.otherwise());
          }
          throw Faults.of(
              DiagnosticCode.WRONG_KIND, choice.span(), "element by element, write `select`");
        }
        default -> reckoned.scalar(all.expressions().eval(expr, scope, build), expr.span());
      };
    }

    private Item unary(Expr.Unary unary) {
      Item operand = item(unary.operand());
      if (unary.operator() == UnaryOperator.NEGATE) {
        return reckoned.negated(operand);
      }
      return new Item.Element(
          Elem.call(ScalarFn.NOT, reckoned.elem(operand, DType.BOOL, unary.span())));
    }

    private Item read(Expr.Index index) {
      Value tensor =
          axes.operand(index.value())
              .orElseThrow(() ->
                  Faults.of(DiagnosticCode.WRONG_KIND, index.span(), "expected a tensor to index"));
      List<Index> at = new ArrayList<>();
      TensorType type = tensor.type();
      int needed = type.rank();
      for (Subscript subscript : index.subscripts()) {
        switch (subscript) {
          case Subscript.At(Expr place) -> {
            if (at.size() >= needed) {
              throw ranks(index, type);
            }
            at.add(index(item(place), type.dim(at.size()), place.span()));
          }
          case Subscript.Rest rest -> {
            List<Dim> indices = rest.name() == null ? null : axes.rest(rest.name().text());
            if (indices == null) {
              throw Faults.unknown(
                  "group of axes",
                  rest.name() == null ? ".." : rest.name().text(),
                  rest.span(),
                  axes.restNames());
            }
            for (Dim each : indices) {
              if (at.size() >= needed) {
                throw ranks(index, type);
              }
              at.add(index(new Item.Whole(each), type.dim(at.size()), rest.span()));
            }
          }
          case Subscript.All whole ->
              throw Faults.of(
                  DiagnosticCode.BAD_AXES, whole.span(), "`:` in index notation; name the axis");
          case Subscript.Slice slice ->
              throw Faults.of(
                  DiagnosticCode.BAD_AXES,
                  slice.span(),
                  "a range in index notation; name the axis");
        }
      }
      if (at.size() != needed) {
        throw ranks(index, type);
      }
      return new Item.Element(new Elem.Read(reckoned.operand(tensor), at));
    }

    private Fault ranks(Expr.Index index, TensorType type) {
      return Faults.of(
          DiagnosticCode.RANKS_DIFFER,
          index.span(),
          index.subscripts().size() + " indices for a tensor " + type);
    }

    private Index index(Item place, Dim size, Span span) {
      switch (place) {
        case Item.Whole(Dim dim) -> {
          if (!axes.isInside(dim, size)) {
            throw new Fault(
                Diagnostic.error(
                        DiagnosticCode.OUT_OF_RANGE,
                        span,
                        "the index `" + span.text() + "` is not proved to lie in `0.." + size + "`")
                    .help(
                        "pad the tensor, narrow the axis's range, or state what holds with"
                            + " `where (...)`"));
          }
          return new Index.At(dim);
        }
        case Item.Element(Elem elem) -> {
          DType dtype = elem.dtype(reckoned.types());
          if (!dtype.isInteger()) {
            throw Faults.of(DiagnosticCode.WRONG_KIND, span, "an index of type " + dtype);
          }
          Elem last = new Elem.IndexValue(dtype, size.minus(1));
          Elem clamped =
              Elem.call(ScalarFn.MIN, Elem.call(ScalarFn.MAX, elem, Elem.literal(dtype, 0L)), last);
          return new Index.Computed(clamped);
        }
        case Item.Real real ->
            throw Faults.of(DiagnosticCode.WRONG_KIND, span, "a float as an index");
      }
    }

    private Item call(Expr.Call call) {
      if (!call.over().isEmpty()) {
        return reduction(call);
      }
      if (call.callee() instanceof Expr.DtypeName name) {
        DType dtype = DType.parse(name.name().text()).orElseThrow();
        Item arg = item(call.arguments().getFirst().value());
        return new Item.Element(
            arg instanceof Item.Element(Elem elem)
                ? new Elem.Cast(dtype, elem)
                : reckoned.elem(arg, dtype, call.span()));
      }
      Numbers.Quotient quotient = Numbers.quotient(call, scope);
      if (quotient != null
          && item(quotient.dividend()) instanceof Item.Whole(Dim a)
          && item(quotient.divisor()) instanceof Item.Whole(Dim b)) {
        return new Item.Whole(quotient.of(a, b));
      }
      if (call.callee() instanceof Expr.Named named) {
        Optional<Pointwise> row = row(named.name().text());
        if (row.isPresent() && mentionsElement(call)) {
          return pointwise(row.get(), call);
        }
      }
      return reckoned.scalar(all.expressions().eval(call, scope, build), call.span());
    }

    private boolean mentionsElement(Expr.Call call) {
      return axes.mentionsAxis(call)
          || call.arguments().stream().anyMatch(a -> hasIndex(a.value()));
    }

    private boolean hasIndex(Expr expr) {
      return expr instanceof Expr.Index || Children.of(expr).stream().anyMatch(this::hasIndex);
    }

    private Item pointwise(Pointwise row, Expr.Call call) {
      if (call.arguments().size() != row.arity()) {
        throw Faults.of(
            DiagnosticCode.WRONG_ARGUMENTS,
            call.span(),
            "`" + row.mnemonic() + "` takes " + row.arity() + " arguments");
      }
      List<Item> items = items(row, call);
      if ((row == Pointwise.MAX || row == Pointwise.MIN)
          && items.get(0) instanceof Item.Whole(Dim a)
          && items.get(1) instanceof Item.Whole(Dim b)) {
        return new Item.Whole(row == Pointwise.MAX ? a.max(b) : a.min(b));
      }
      DType dtype = DType.F32;
      for (Item item : items.subList(row == Pointwise.SELECT ? 1 : 0, items.size())) {
        if (item instanceof Item.Element(Elem elem)) {
          dtype = elem.dtype(reckoned.types());
        }
      }
      List<Elem> args = new ArrayList<>();
      for (int i = 0; i < items.size(); i++) {
        boolean condition = row == Pointwise.SELECT && i == 0;
        args.add(reckoned.elem(items.get(i), condition ? DType.BOOL : dtype, call.span()));
      }
      return new Item.Element(row.formula(args, dtype));
    }

    /// The arguments; each side of a `select` is read where its condition holds, or does not.
    private List<Item> items(Pointwise row, Expr.Call call) {
      List<Expr> args = call.arguments().stream().map(Argument::value).toList();
      if (row != Pointwise.SELECT) {
        return args.stream().map(this::item).toList();
      }
      Item condition = item(args.getFirst());
      Elem test = reckoned.elem(condition, DType.BOOL, call.span());
      return List.of(
          condition,
          axes.assuming(Guards.of(test, true), () -> item(args.get(1))),
          axes.assuming(Guards.of(test, false), () -> item(args.get(2))));
    }

    private static Optional<Pointwise> row(String name) {
      for (Pointwise row : Pointwise.values()) {
        if (row.name().toLowerCase(Locale.ROOT).equals(name)) {
          return Optional.of(row);
        }
      }
      return Optional.empty();
    }

    private Item reduction(Expr.Call call) {
      String name = call.callee() instanceof Expr.Named named ? named.name().text() : "";
      Reducer reducer =
          switch (name) {
            case "sum" -> Reducer.SUM;
            case "prod" -> Reducer.PRODUCT;
            case "max" -> Reducer.MAX;
            case "min" -> Reducer.MIN;
            case "any" -> Reducer.ANY;
            case "all" -> Reducer.ALL;
            case "mean" -> Reducer.SUM;
            default ->
                throw Faults.unknown(
                    "reduction",
                    name,
                    call.callee().span(),
                    List.of("sum", "prod", "max", "min", "any", "all", "mean"));
          };
      if (call.arguments().size() != 1) {
        throw Faults.of(DiagnosticCode.WRONG_ARGUMENTS, call.span(), name + " takes one value");
      }
      Expr body = call.arguments().getFirst().value();
      List<dev.sinter.ir.Axis> reduced = new ArrayList<>();
      Elem summand =
          axes.nested(() -> {
            reduced.addAll(axes.declare(call.over(), body));
            return reckoned.elem(item(body), null, body.span());
          });
      DType dtype = summand.dtype(reckoned.types());
      Elem total = new Elem.Reduce(reducer, dtype.compute(), reduced, summand);
      if (name.equals("mean")) {
        Dim count = Dim.product(reduced.stream().map(dev.sinter.ir.Axis::extent).toList());
        total =
            Elem.call(
                ScalarFn.DIV, total, reckoned.elem(new Item.Whole(count), dtype, call.span()));
      }
      return new Item.Element(total);
    }
  }
}
