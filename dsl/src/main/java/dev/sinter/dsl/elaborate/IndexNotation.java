package dev.sinter.dsl.elaborate;

import dev.sinter.dsl.ast.Axis;
import dev.sinter.dsl.ast.BinaryOperator;
import dev.sinter.dsl.ast.Expr;
import dev.sinter.dsl.ast.Statement;
import dev.sinter.dsl.ast.Subscript;
import dev.sinter.dsl.ast.UnaryOperator;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Facts;
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
import dev.sinter.ir.op.Contractions;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// `y[n, l in 0..L - K + 1] = sum(x[n, l + k] * w[k] for k)`: a tensor by what each element is.
final class IndexNotation {
  private final Elaboration all;

  IndexNotation(Elaboration all) {
    this.all = all;
  }

  /// A number while elements are worked out: an index or size, a float, or an element.
  private sealed interface Item {
    record Whole(Dim dim) implements Item {}

    record Real(double value) implements Item {}

    record Element(Elem elem) implements Item {}
  }

  Datum define(Statement.IndexLet let, Scope scope, Build build) {
    Notation notation = new Notation(scope, build);
    List<dev.sinter.ir.Axis> axes = notation.axes(let.axes(), let.value());
    Elem body = notation.elem(notation.item(let.value()), null, let.value().span());
    try {
      return new Datum.Tensor(
          Contractions.comprehension(
              build.builder(), axes, body, notation.operands, let.name().text()));
    } catch (OpException | IllegalArgumentException e) {
      throw Faults.of(DiagnosticCode.DTYPES_DIFFER, let.span(), String.valueOf(e.getMessage()));
    }
  }

  /// One definition: its axes in scope and the tensors that it reads.
  private final class Notation {
    private final Scope scope;
    private final Build build;
    private final List<Value> operands = new ArrayList<>();
    private final Map<String, Dim> symbols = new LinkedHashMap<>();
    private final Map<String, List<Dim>> rests = new LinkedHashMap<>();
    private final List<dev.sinter.ir.Axis> inScope = new ArrayList<>();

    Notation(Scope scope, Build build) {
      this.scope = scope;
      this.build = build;
    }

    /// Brings axes into scope; an extent that is not given is looked for in `body`.
    List<dev.sinter.ir.Axis> axes(List<Axis> declared, Expr body) {
      List<dev.sinter.ir.Axis> out = new ArrayList<>();
      for (Axis axis : declared) {
        switch (axis) {
          case Axis.Single single -> {
            String name = single.name().text();
            Dim from = Dim.ZERO;
            Dim extent;
            if (single.range() != null) {
              from = all.expressions().size(single.range().from(), scope, build);
              extent = all.expressions().size(single.range().to(), scope, build).minus(from);
            } else {
              extent =
                  extent(body, name)
                      .orElseThrow(() ->
                          new Fault(
                              Diagnostic.error(
                                      DiagnosticCode.UNBOUND_SIZE,
                                      single.span(),
                                      "nothing says how far `" + name + "` runs")
                                  .note("no operand has `" + name + "` alone as an index")
                                  .help("give its range: `" + name + " in 0..N`")));
            }
            dev.sinter.ir.Axis added =
                new dev.sinter.ir.Axis("%" + name + "." + inScope.size(), extent);
            out.add(added);
            inScope.add(added);
            symbols.put(name, added.index().plus(from));
          }
          case Axis.Rest rest -> {
            List<Dim> sizes =
                restSizes(body, rest.name().text())
                    .orElseThrow(() ->
                        Faults.of(
                            DiagnosticCode.UNBOUND_SIZE,
                            rest.span(),
                            "nothing says how many axes `.." + rest.name().text() + "` are"));
            List<Dim> indices = new ArrayList<>();
            for (Dim size : sizes) {
              dev.sinter.ir.Axis added =
                  new dev.sinter.ir.Axis("%" + rest.name().text() + "." + inScope.size(), size);
              out.add(added);
              inScope.add(added);
              indices.add(added.index());
            }
            rests.put(rest.name().text(), indices);
          }
        }
      }
      return out;
    }

    /// The size of the first axis of a tensor in `expr` whose index is `name` alone.
    private Optional<Dim> extent(Expr expr, String name) {
      if (expr instanceof Expr.Index index) {
        Optional<Value> tensor = operand(index.value());
        if (tensor.isPresent()) {
          int axis = 0;
          for (Subscript subscript : index.subscripts()) {
            if (subscript instanceof Subscript.Rest) {
              axis += tensor.get().type().rank() - (index.subscripts().size() - 1);
              continue;
            }
            if (subscript instanceof Subscript.At(Expr.Named(var place))
                && place.text().equals(name)
                && axis < tensor.get().type().rank()) {
              return Optional.of(tensor.get().type().dim(axis));
            }
            axis++;
          }
        }
      }
      return Children.of(expr).stream()
          .map(child -> extent(child, name))
          .flatMap(Optional::stream)
          .findFirst();
    }

    private Optional<List<Dim>> restSizes(Expr expr, String name) {
      if (expr instanceof Expr.Index index) {
        Optional<Value> tensor = operand(index.value());
        int axis = 0;
        for (Subscript subscript : index.subscripts()) {
          if (tensor.isPresent()
              && subscript instanceof Subscript.Rest rest
              && rest.name() != null
              && rest.name().text().equals(name)) {
            TensorType type = tensor.get().type();
            int count = type.rank() - (index.subscripts().size() - 1);
            return Optional.of(type.shape().subList(axis, axis + count));
          }
          axis++;
        }
      }
      return Children.of(expr).stream()
          .map(child -> restSizes(child, name))
          .flatMap(Optional::stream)
          .findFirst();
    }

    /// The tensor that an expression without axes is, if it is one.
    private Optional<Value> operand(Expr expr) {
      if (mentionsAxis(expr)) {
        return Optional.empty();
      }
      return all.expressions().eval(expr, scope, build) instanceof Datum.Tensor(Value value)
          ? Optional.of(value)
          : Optional.empty();
    }

    private boolean mentionsAxis(Expr expr) {
      if (expr instanceof Expr.Named named
          && symbols.containsKey(named.name().text())
          && scope.find(named.name().text()) == null) {
        return true;
      }
      return Children.of(expr).stream().anyMatch(this::mentionsAxis);
    }

    private int operand(Value value) {
      Value local = build.builder().use(value);
      int at = operands.indexOf(local);
      if (at >= 0) {
        return at;
      }
      operands.add(local);
      return operands.size() - 1;
    }

    private List<TensorType> types() {
      return operands.stream().map(Value::type).toList();
    }

    Item item(Expr expr) {
      return switch (expr) {
        case Expr.Parens parens -> item(parens.value());
        case Expr.Named named when symbols.containsKey(named.name().text()) ->
            new Item.Whole(java.util.Objects.requireNonNull(symbols.get(named.name().text())));
        case Expr.Index index -> read(index);
        case Expr.Chain chain -> {
          Item left = item(chain.first());
          for (Expr.Link link : chain.rest()) {
            left = apply(link.operator(), left, item(link.operand()), link.span());
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
        default -> scalar(all.expressions().eval(expr, scope, build), expr.span());
      };
    }

    private Item scalar(Datum datum, Span span) {
      return switch (datum) {
        case Datum.Size(Dim dim) -> new Item.Whole(dim);
        case Datum.Real(double value) -> new Item.Real(value);
        case Datum.Truth(boolean value) ->
            new Item.Element(Elem.literal(DType.BOOL, value ? 1L : 0L));
        case Datum.Tensor(Value value) when value.type().rank() == 0 ->
            new Item.Element(Elem.read(operand(value), List.of()));
        case Datum.Tensor(Value value) ->
            throw new Fault(
                Diagnostic.error(
                        DiagnosticCode.RANKS_DIFFER,
                        span,
                        "a tensor " + value.type() + " where an element is wanted")
                    .help("give it an index for each of its axes"));
        default ->
            throw Faults.of(DiagnosticCode.WRONG_KIND, span, datum.kind() + " in index notation");
      };
    }

    private Item unary(Expr.Unary unary) {
      Item operand = item(unary.operand());
      if (unary.operator() == UnaryOperator.NEGATE) {
        return switch (operand) {
          case Item.Whole(Dim dim) -> new Item.Whole(dim.times(-1));
          case Item.Real(double value) -> new Item.Real(-value);
          case Item.Element(Elem elem) -> new Item.Element(Elem.call(ScalarFn.NEG, elem));
        };
      }
      return new Item.Element(Elem.call(ScalarFn.NOT, elem(operand, DType.BOOL, unary.span())));
    }

    private Item read(Expr.Index index) {
      Value tensor =
          operand(index.value())
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
            List<Dim> indices = rest.name() == null ? null : rests.get(rest.name().text());
            if (indices == null) {
              throw Faults.unknown(
                  "group of axes",
                  rest.name() == null ? ".." : rest.name().text(),
                  rest.span(),
                  new ArrayList<>(rests.keySet()));
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
      return new Item.Element(new Elem.Read(operand(tensor), at));
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
          Facts facts = new Facts(build.facts().facts(), inScope);
          if (!facts.atLeast(dim, Dim.ZERO) || !facts.atLeast(size, dim.plus(1))) {
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
          DType dtype = elem.dtype(types());
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

    private Item apply(BinaryOperator operator, Item left, Item right, Span span) {
      if (left instanceof Item.Whole(Dim a) && right instanceof Item.Whole(Dim b)) {
        if (operator.compares()) {
          return compared(operator, a, b);
        }
        Datum size = Arithmetic.apply(operator, new Datum.Size(a), new Datum.Size(b), span, build);
        return new Item.Whole(((Datum.Size) size).dim());
      }
      if (!(left instanceof Item.Element) && !(right instanceof Item.Element)) {
        if (isSymbolic(left) || isSymbolic(right)) {
          return new Item.Element(
              call(operator, elem(left, DType.F32, span), elem(right, DType.F32, span), span));
        }
        return scalar(Arithmetic.apply(operator, datum(left), datum(right), span, build), span);
      }
      DType dtype =
          (left instanceof Item.Element(Elem a) ? a : ((Item.Element) right).elem()).dtype(types());
      return new Item.Element(
          call(operator, elem(left, dtype, span), elem(right, dtype, span), span));
    }

    private static boolean isSymbolic(Item item) {
      return item instanceof Item.Whole(Dim dim) && !dim.isConstant();
    }

    /// Whether two indices compare: decided if it can be, so that guards disappear; else an
    /// element.
    private Item compared(BinaryOperator operator, Dim a, Dim b) {
      Facts facts = new Facts(build.facts().facts(), inScope);
      return new Item.Element(
          Sizes.decide(operator, a, b, facts)
              .map(known -> Elem.literal(DType.BOOL, known ? 1L : 0L))
              .orElseGet(() ->
                  call(
                      operator,
                      new Elem.IndexValue(DType.I32, a),
                      new Elem.IndexValue(DType.I32, b),
                      Span.NONE)));
    }

    private static Datum datum(Item item) {
      return switch (item) {
        case Item.Whole(Dim dim) -> new Datum.Size(dim);
        case Item.Real(double value) -> new Datum.Real(value);
        case Item.Element element -> throw new IllegalArgumentException("an element");
      };
    }

    private Elem call(BinaryOperator operator, Elem a, Elem b, Span span) {
      DType left = a.dtype(types());
      DType right = b.dtype(types());
      if (left != right) {
        throw new Fault(
            Diagnostic.error(
                    DiagnosticCode.DTYPES_DIFFER,
                    span,
                    "`" + operator.sign() + "` of " + left + " and " + right)
                .help("cast one of them, as in `" + left + "(...)`"));
      }
      if (operator == BinaryOperator.POWER
          && b instanceof Elem.Literal literal
          && literal.real() == 2) {
        return Elem.call(ScalarFn.MUL, a, a);
      }
      return Elem.call(
          switch (operator) {
            case ADD -> ScalarFn.ADD;
            case SUBTRACT -> ScalarFn.SUB;
            case MULTIPLY -> ScalarFn.MUL;
            case DIVIDE -> ScalarFn.DIV;
            case REMAINDER -> ScalarFn.REM;
            case POWER -> ScalarFn.POW;
            case EQUAL -> ScalarFn.EQ;
            case NOT_EQUAL -> ScalarFn.NE;
            case LESS -> ScalarFn.LT;
            case LESS_EQUAL -> ScalarFn.LE;
            case GREATER -> ScalarFn.GT;
            case GREATER_EQUAL -> ScalarFn.GE;
            case AND -> ScalarFn.AND;
            case OR -> ScalarFn.OR;
          },
          a,
          b);
    }

    /// An item as an element; a number takes the type of what is beside it.
    Elem elem(Item item, @Nullable DType beside, Span span) {
      DType dtype = beside == null ? DType.F32 : beside;
      return switch (item) {
        case Item.Element(Elem elem) -> elem;
        case Item.Whole(Dim dim) ->
            dim.isConstant()
                ? Elem.literal(dtype, dim.constant())
                : new Elem.IndexValue(beside == null ? DType.I32 : dtype, dim);
        case Item.Real(double value) -> {
          if (!dtype.isFloat()) {
            throw Faults.of(
                DiagnosticCode.DTYPES_DIFFER, span, "the float " + value + " beside " + dtype);
          }
          yield Elem.literal(dtype, value);
        }
      };
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
                : elem(arg, dtype, call.span()));
      }
      if (call.callee() instanceof Expr.Named named) {
        Optional<Pointwise> row = row(named.name().text());
        if (row.isPresent() && mentionsElement(call)) {
          return pointwise(row.get(), call);
        }
      }
      return scalar(all.expressions().eval(call, scope, build), call.span());
    }

    private boolean mentionsElement(Expr.Call call) {
      return mentionsAxis(call) || call.arguments().stream().anyMatch(a -> hasIndex(a.value()));
    }

    private boolean hasIndex(Expr expr) {
      return expr instanceof Expr.Index || Children.of(expr).stream().anyMatch(this::hasIndex);
    }

    private Item pointwise(Pointwise row, Expr.Call call) {
      List<Item> items = call.arguments().stream().map(a -> item(a.value())).toList();
      if (items.size() != row.arity()) {
        throw Faults.of(
            DiagnosticCode.WRONG_ARGUMENTS,
            call.span(),
            "`" + row.mnemonic() + "` takes " + row.arity() + " arguments");
      }
      DType dtype = DType.F32;
      for (Item item : items.subList(row == Pointwise.SELECT ? 1 : 0, items.size())) {
        if (item instanceof Item.Element(Elem elem)) {
          dtype = elem.dtype(types());
        }
      }
      List<Elem> args = new ArrayList<>();
      for (int i = 0; i < items.size(); i++) {
        boolean condition = row == Pointwise.SELECT && i == 0;
        args.add(elem(items.get(i), condition ? DType.BOOL : dtype, call.span()));
      }
      return new Item.Element(row.formula(args, dtype));
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
      Map<String, Dim> symbolsBefore = new LinkedHashMap<>(symbols);
      Map<String, List<Dim>> restsBefore = new LinkedHashMap<>(rests);
      Expr body = call.arguments().getFirst().value();
      List<dev.sinter.ir.Axis> axes = axes(call.over(), body);
      Elem summand = elem(item(body), null, body.span());
      symbols.keySet().retainAll(symbolsBefore.keySet());
      symbols.putAll(symbolsBefore);
      rests.keySet().retainAll(restsBefore.keySet());
      DType dtype = summand.dtype(types());
      Elem reduced = new Elem.Reduce(reducer, dtype.compute(), axes, summand);
      if (name.equals("mean")) {
        Dim count = Dim.product(axes.stream().map(dev.sinter.ir.Axis::extent).toList());
        reduced = Elem.call(ScalarFn.DIV, reduced, elem(new Item.Whole(count), dtype, call.span()));
      }
      return new Item.Element(reduced);
    }
  }
}
