package dev.sinter.ir;

import static dev.sinter.ir.Elem.call;
import static dev.sinter.ir.Elem.literal;

import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Symbolic derivatives of formulas over [ScalarFn].
///
/// At a kink the slope is the mean of both sides (`max`, `abs`); where a function is constant
/// almost everywhere (`floor`, comparisons) it is zero, which is null here.
final class ScalarGradient {
  private ScalarGradient() {}

  /// The slope of `formula` by each of its `arity` arguments; null for zero.
  ///
  /// @param formula an expression whose arguments are reads without index
  /// @param y the value of the formula where it is at hand, else null
  /// @param t the type of the numbers
  static List<@Nullable Elem> of(Elem formula, int arity, @Nullable Elem y, DType t) {
    List<@Nullable Elem> slopes = new ArrayList<>(Arrays.asList(new Elem[arity]));
    accumulate(formula, y == null ? formula : y, null, slopes, t);
    return slopes;
  }

  /// Adds `outer` (null for 1) times the slope of `elem` to the slopes of the arguments in it.
  private static void accumulate(
      Elem elem, Elem y, @Nullable Elem outer, List<@Nullable Elem> slopes, DType t) {
    switch (elem) {
      case Elem.Read read -> {
        Elem one = outer == null ? literal(t, 1.0) : outer;
        Elem before = slopes.get(read.operand());
        slopes.set(read.operand(), before == null ? one : call(ScalarFn.ADD, before, one));
      }
      case Elem.Call(ScalarFn fn, List<Elem> args) -> {
        List<@Nullable Elem> partials = partials(fn, args, y, t);
        for (int i = 0; i < args.size(); i++) {
          Elem slope = partials.get(i);
          if (slope != null) {
            Elem arg = args.get(i);
            accumulate(arg, arg, outer == null ? slope : times(outer, slope), slopes, t);
          }
        }
      }
      case Elem.Literal literal -> {}
      case Elem.IndexValue index -> {}
      case Elem.Cast cast -> {}
      case Elem.Reduce reduce -> throw new IllegalArgumentException("a reduction in a formula");
    }
  }

  static Elem times(Elem a, Elem b) {
    return isOne(a) ? b : isOne(b) ? a : call(ScalarFn.MUL, a, b);
  }

  private static boolean isOne(Elem e) {
    return e instanceof Elem.Literal literal && literal.real() == 1;
  }

  /// The slope of `fn` by each of its arguments `x`, where `y` is its value; null for zero.
  static List<@Nullable Elem> partials(ScalarFn fn, List<Elem> x, Elem y, DType t) {
    Elem one = literal(t, 1.0);
    Elem a = x.get(0);
    return switch (fn) {
      case ADD -> list(one, one);
      case SUB -> list(one, literal(t, -1.0));
      case MUL -> list(x.get(1), a);
      case DIV ->
          list(
              call(ScalarFn.DIV, one, x.get(1)),
              call(ScalarFn.NEG, call(ScalarFn.DIV, y, x.get(1))));
      case REM ->
          list(one, call(ScalarFn.NEG, call(ScalarFn.FLOOR, call(ScalarFn.DIV, a, x.get(1)))));
      case POW ->
          list(
              // b * a^(b-1), but 0 where b is 0, also at a = 0.
              call(
                  ScalarFn.SELECT,
                  call(ScalarFn.EQ, x.get(1), literal(t, 0.0)),
                  literal(t, 0.0),
                  call(
                      ScalarFn.MUL,
                      x.get(1),
                      call(ScalarFn.POW, a, call(ScalarFn.SUB, x.get(1), one)))),
              call(
                  ScalarFn.SELECT,
                  call(ScalarFn.GT, a, literal(t, 0.0)),
                  call(ScalarFn.MUL, y, call(ScalarFn.LOG, a)),
                  literal(t, 0.0)));
      case MAX -> list(step(a, x.get(1), t), step(x.get(1), a, t));
      case MIN -> list(step(x.get(1), a, t), step(a, x.get(1), t));
      case ATAN2 -> {
        Elem norm =
            call(ScalarFn.ADD, call(ScalarFn.MUL, a, a), call(ScalarFn.MUL, x.get(1), x.get(1)));
        yield list(
            call(ScalarFn.DIV, x.get(1), norm), call(ScalarFn.NEG, call(ScalarFn.DIV, a, norm)));
      }
      case FMA -> list(x.get(1), a, one);
      case NEG -> list(literal(t, -1.0));
      case ABS -> list(call(ScalarFn.SIGN, a));
      case SQRT -> list(call(ScalarFn.DIV, literal(t, 0.5), y));
      case EXP -> list(y);
      case EXPM1 -> list(call(ScalarFn.ADD, y, one));
      case LOG -> list(call(ScalarFn.DIV, one, a));
      case LOG1P -> list(call(ScalarFn.DIV, one, call(ScalarFn.ADD, one, a)));
      case SIN -> list(call(ScalarFn.COS, a));
      case COS -> list(call(ScalarFn.NEG, call(ScalarFn.SIN, a)));
      case TAN -> list(call(ScalarFn.ADD, one, call(ScalarFn.MUL, y, y)));
      case ASIN -> list(call(ScalarFn.DIV, one, circle(a, t)));
      case ACOS -> list(call(ScalarFn.DIV, literal(t, -1.0), circle(a, t)));
      case ATAN -> list(call(ScalarFn.DIV, one, call(ScalarFn.ADD, one, call(ScalarFn.MUL, a, a))));
      case TANH -> list(call(ScalarFn.SUB, one, call(ScalarFn.MUL, y, y)));
      case ERF ->
          list(
              call(
                  ScalarFn.MUL,
                  literal(t, 2 / Math.sqrt(Math.PI)),
                  call(ScalarFn.EXP, call(ScalarFn.NEG, call(ScalarFn.MUL, a, a)))));
      case SELECT ->
          list(
              null,
              call(ScalarFn.SELECT, a, one, literal(t, 0.0)),
              call(ScalarFn.SELECT, a, literal(t, 0.0), one));
      case SIGN, FLOOR, CEIL, ROUND, TRUNC, IS_NAN, NOT -> list((Elem) null);
      case EQ, NE, LT, LE, GT, GE, AND, OR, XOR, SHL, SHR -> list(null, null);
      case THREEFRY -> list(null, null, null, null);
    };
  }

  private static Elem circle(Elem a, DType t) {
    return call(ScalarFn.SQRT, call(ScalarFn.SUB, literal(t, 1.0), call(ScalarFn.MUL, a, a)));
  }

  /// 1 where `a > b`, 1/2 where they are equal, else 0.
  private static Elem step(Elem a, Elem b, DType t) {
    return call(
        ScalarFn.SELECT,
        call(ScalarFn.GT, a, b),
        literal(t, 1.0),
        call(ScalarFn.SELECT, call(ScalarFn.EQ, a, b), literal(t, 0.5), literal(t, 0.0)));
  }

  private static List<@Nullable Elem> list(@Nullable Elem... elems) {
    return Arrays.asList(elems);
  }
}
