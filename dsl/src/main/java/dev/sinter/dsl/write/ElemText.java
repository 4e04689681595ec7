package dev.sinter.dsl.write;

import dev.sinter.dsl.elaborate.Guards;
import dev.sinter.ir.Axis;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Facts;
import dev.sinter.ir.Index;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.TensorType;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/// Elements as index notation writes them.
///
/// A number or index takes the type of an element beside it; where there is none it is cast.
final class ElemText {
  private final IntFunction<String> operands;
  private final List<TensorType> types;
  private final SizeText sizes;
  private final Map<String, String> letters = new HashMap<>();
  private final List<Axis> inScope = new ArrayList<>();
  private final List<Facts.Fact> assumed = new ArrayList<>();
  private final Writing writing;

  /// @param operands the name of each tensor that is read
  /// @param types their types
  ElemText(
      IntFunction<String> operands,
      List<TensorType> types,
      Writing writing,
      List<Axis> axes,
      Elem... bodies) {
    this.operands = operands;
    this.types = types;
    this.sizes = new SizeText(this::symbol);
    this.writing = writing;
    List<Axis> all = new ArrayList<>(axes);
    for (Elem body : bodies) {
      bound(body, all);
    }
    List<String> names = writing.locals().axes(all.size());
    for (int i = 0; i < all.size(); i++) {
      letters.put(all.get(i).symbol(), names.get(i));
    }
    inScope.addAll(all);
  }

  private String symbol(String symbol) {
    String letter = letters.get(symbol);
    return letter == null ? writing.size(symbol) : letter;
  }

  /// Every axis that `elem` binds.
  private static void bound(Elem elem, List<Axis> into) {
    switch (elem) {
      case Elem.Read(int operand, List<Index> at) -> {
        for (Index index : at) {
          if (index instanceof Index.Computed(Elem place)) {
            bound(place, into);
          }
        }
      }
      case Elem.Call(ScalarFn fn, List<Elem> args) -> args.forEach(arg -> bound(arg, into));
      case Elem.Cast(DType dtype, Elem arg) -> bound(arg, into);
      case Elem.Reduce(Reducer reducer, DType accumulator, List<Axis> axes, Elem body) -> {
        into.addAll(axes);
        bound(body, into);
      }
      case Elem.Literal literal -> {}
      case Elem.IndexValue index -> {}
    }
  }

  /// The axes as `i, j in 0..N`: the range is written where no tensor in `bodies` tells it.
  String axes(List<Axis> axes, Elem... bodies) {
    List<String> out = new ArrayList<>();
    for (Axis axis : axes) {
      Dim told = null;
      for (Elem body : bodies) {
        told = told == null ? extent(body, axis.symbol()) : told;
      }
      String letter = symbol(axis.symbol());
      out.add(
          axis.extent().equals(told)
              ? letter
              : letter + " in 0.." + sizes.piece(axis.extent()).at(Piece.SUM));
    }
    return String.join(", ", out);
  }

  /// The size of the first axis, in the order of the text, whose index is the axis alone.
  private @org.jspecify.annotations.Nullable Dim extent(Elem elem, String axis) {
    return switch (elem) {
      case Elem.Read(int operand, List<Index> at) -> {
        Dim found = null;
        for (int i = 0; i < at.size() && found == null; i++) {
          if (at.get(i) instanceof Index.At(Dim expr)
              && axis.equals(expr.symbolName())
              && isInside(expr, types.get(operand).dim(i))) {
            found = types.get(operand).dim(i);
          }
        }
        for (int i = 0; i < at.size() && found == null; i++) {
          if (at.get(i) instanceof Index.Computed(Elem place)) {
            found = extent(place, axis);
          }
        }
        yield found;
      }
      case Elem.Call(ScalarFn fn, List<Elem> args) -> {
        Dim found = null;
        for (int i = 0; i < args.size() && found == null; i++) {
          found = extent(args.get(i), axis);
        }
        yield found;
      }
      case Elem.Cast(DType dtype, Elem arg) -> extent(arg, axis);
      case Elem.Reduce reduce -> extent(reduce.body(), axis);
      case Elem.Literal literal -> null;
      case Elem.IndexValue index -> null;
    };
  }

  /// The element; a number or index alone is cast to its type.
  Piece piece(Elem elem) {
    return switch (elem) {
      case Elem.Read(int operand, List<Index> at) -> read(operand, at);
      case Elem.Literal literal -> NumberText.cast(literal);
      case Elem.IndexValue(DType dtype, Dim expr) ->
          Piece.of(dtype + "(" + sizes.piece(expr).text() + ")");
      case Elem.Call(ScalarFn fn, List<Elem> args) -> call(fn, args);
      case Elem.Cast(DType dtype, Elem arg) -> Piece.of(dtype + "(" + piece(arg).text() + ")");
      case Elem.Reduce(Reducer reducer, DType accumulator, List<Axis> axes, Elem body) -> {
        DType type = body.dtype(types);
        // Sums run in the type that goes with the elements'; a wider one is cast to before.
        if (accumulator != type.compute()) {
          yield piece(
              new Elem.Cast(
                  type,
                  new Elem.Reduce(reducer, accumulator, axes, new Elem.Cast(accumulator, body))));
        }
        yield Piece.of(
            reducer(reducer) + "(" + piece(body).text() + " for " + axes(axes, body) + ")");
      }
    };
  }

  /// An index on its own.
  String index(Dim expr) {
    return sizes.piece(expr).text();
  }

  static String reducer(Reducer reducer) {
    return switch (reducer) {
      case SUM -> "sum";
      case PRODUCT -> "prod";
      case MAX -> "max";
      case MIN -> "min";
      case ANY -> "any";
      case ALL -> "all";
    };
  }

  private Piece read(int operand, List<Index> at) {
    String name = operands.apply(operand);
    if (at.isEmpty()) {
      return Piece.of(name);
    }
    List<String> places = new ArrayList<>();
    for (int i = 0; i < at.size(); i++) {
      Dim size = types.get(operand).dim(i);
      places.add(
          switch (at.get(i)) {
            case Index.At(Dim expr) when isInside(expr, size) -> sizes.piece(expr).text();
            // An index of elements is moved into its range, which changes none that is in it.
            case Index.At(Dim expr) -> piece(new Elem.IndexValue(DType.I64, expr)).text();
            case Index.Computed(Elem place) -> piece(unclamped(place, size)).text();
          });
    }
    return Piece.of(name + "[" + String.join(", ", places) + "]");
  }

  private boolean isInside(Dim index, Dim size) {
    Facts plain = new Facts(writing.facts().facts(), inScope);
    return isInside(index, size, plain)
        || (!assumed.isEmpty() && isInside(index, size, plain.and(assumed)));
  }

  private static boolean isInside(Dim index, Dim size, Facts facts) {
    return facts.atLeast(index, Dim.ZERO) && facts.atLeast(size, index.plus(1));
  }

  /// The language moves computed indices into their range itself.
  private static Elem unclamped(Elem place, Dim size) {
    return place instanceof Elem.Call(ScalarFn min, List<Elem> outer)
            && min == ScalarFn.MIN
            && outer.get(0) instanceof Elem.Call(ScalarFn max, List<Elem> inner)
            && max == ScalarFn.MAX
            && isIndex(inner.get(1), Dim.ZERO)
            && isIndex(outer.get(1), size.minus(1))
        ? inner.get(0)
        : place;
  }

  private static boolean isIndex(Elem elem, Dim value) {
    return switch (elem) {
      case Elem.IndexValue(DType dtype, Dim expr) -> expr.equals(value);
      case Elem.Literal literal -> literal.dtype().isInteger() && value.is(literal.integer());
      default -> false;
    };
  }

  private static boolean isNumber(Elem elem) {
    return elem instanceof Elem.Literal || elem instanceof Elem.IndexValue;
  }

  /// A number or index beside an element of its type.
  private Piece bare(Elem elem) {
    return switch (elem) {
      case Elem.Literal literal -> NumberText.of(literal);
      case Elem.IndexValue(DType dtype, Dim expr) -> sizes.piece(expr);
      default -> piece(elem);
    };
  }

  /// Arguments, of which all but one may do without a cast if that one tells the type.
  private List<Piece> beside(List<Elem> args) {
    boolean told = args.stream().anyMatch(arg -> !isNumber(arg));
    List<Piece> out = new ArrayList<>();
    for (int i = 0; i < args.size(); i++) {
      out.add(told || i > 0 ? bare(args.get(i)) : piece(args.get(i)));
    }
    return out;
  }

  private Piece call(ScalarFn fn, List<Elem> args) {
    return switch (fn) {
      case ADD -> binary(" + ", Piece.SUM, Piece.SUM, Piece.PRODUCT, args);
      case SUB -> binary(" - ", Piece.SUM, Piece.SUM, Piece.PRODUCT, args);
      case MUL -> binary(" * ", Piece.PRODUCT, Piece.PRODUCT, Piece.UNARY, args);
      case DIV -> binary(" / ", Piece.PRODUCT, Piece.PRODUCT, Piece.UNARY, args);
      case REM -> binary(" % ", Piece.PRODUCT, Piece.PRODUCT, Piece.UNARY, args);
      case EQ -> compare(" == ", args);
      case NE -> compare(" != ", args);
      case LT -> compare(" < ", args);
      case LE -> compare(" <= ", args);
      case GT -> compare(" > ", args);
      case GE -> compare(" >= ", args);
      case AND -> binary(" and ", Piece.AND, Piece.AND, Piece.NOT, args);
      case OR -> binary(" or ", Piece.OR, Piece.OR, Piece.AND, args);
      case NOT -> new Piece("not " + piece(args.getFirst()).at(Piece.NOT), Piece.NOT);
      case NEG -> new Piece("-" + piece(args.getFirst()).at(Piece.UNARY), Piece.UNARY);
      case SELECT -> select(args);
      default -> {
        List<String> parts = beside(args).stream().map(Piece::text).toList();
        yield Piece.of(fn + "(" + String.join(", ", parts) + ")");
      }
    };
  }

  private Piece binary(String sign, int level, int left, int right, List<Elem> args) {
    List<Piece> parts = beside(args);
    return new Piece(parts.get(0).at(left) + sign + parts.get(1).at(right), level);
  }

  /// Two indices compare as they are.
  private Piece compare(String sign, List<Elem> args) {
    boolean indices =
        args.stream().allMatch(ElemText::isNumber)
            && args.stream().allMatch(a -> a.dtype(types).isInteger());
    List<Piece> parts = indices ? args.stream().map(this::bare).toList() : beside(args);
    return new Piece(parts.get(0).at(Piece.SUM) + sign + parts.get(1).at(Piece.SUM), Piece.COMPARE);
  }

  private Piece select(List<Elem> args) {
    String condition = piece(args.getFirst()).text();
    List<Elem> sides = args.subList(1, 3);
    boolean told = sides.stream().anyMatch(side -> !isNumber(side));
    String first =
        under(args.getFirst(), true, () -> told ? bare(sides.get(0)) : piece(sides.get(0)));
    String second = under(args.getFirst(), false, () -> bare(sides.get(1)));
    return Piece.of("select(" + condition + ", " + first + ", " + second + ")");
  }

  /// The text of a side, which may rely on the condition.
  private String under(Elem condition, boolean holds, java.util.function.Supplier<Piece> side) {
    int before = assumed.size();
    Facts plain = new Facts(writing.facts().facts(), inScope);
    for (Facts.Fact fact : Guards.of(condition, holds)) {
      // A comparison that is decided says nothing to the language.
      boolean never =
          fact instanceof Facts.Fact.AtLeast(Dim left, Dim right)
              && plain.atLeast(right, left.plus(1));
      if (!never) {
        assumed.add(fact);
      }
    }
    String text = side.get().text();
    assumed.subList(before, assumed.size()).clear();
    return text;
  }
}
