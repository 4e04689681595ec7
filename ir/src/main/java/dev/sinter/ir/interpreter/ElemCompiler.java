package dev.sinter.ir.interpreter;

import dev.sinter.ir.Elem;
import dev.sinter.ir.Index;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.ScalarMath;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;

/// Compiles an element expression into a tree of closures over a [Frame], once for a node, so that
/// no map is walked for each element.
final class ElemCompiler {
  private final IndexCompiler indices;
  private final List<TensorType> operands;
  private final List<long[]> shapes;
  private final String what;
  private final boolean exact;

  /// @param shapes the operands' sizes
  /// @param what names the node in faults
  /// @param exact whether float casts and literals keep all of `f64`
  ElemCompiler(
      IndexCompiler indices,
      List<TensorType> operands,
      List<long[]> shapes,
      String what,
      boolean exact) {
    this.indices = indices;
    this.operands = operands;
    this.shapes = shapes;
    this.what = what;
    this.exact = exact;
  }

  /// Compiles an expression of a float type.
  Frame.Real real(Elem elem) {
    return switch (elem) {
      case Elem.Read(int operand, List<Index> at) -> {
        Place place = place(operand, at);
        yield frame -> frame.operands[operand].reals[place.in(frame)];
      }
      case Elem.Literal literal -> {
        double value = rounded(literal.dtype(), literal.real());
        yield frame -> value;
      }
      case Elem.IndexValue(DType dtype, var expr) -> {
        Frame.Integral index = indices.compile(expr);
        yield frame -> fromInteger(index.at(frame), DType.I64, dtype);
      }
      case Elem.Call(ScalarFn fn, List<Elem> args) -> realCall(fn, args);
      case Elem.Cast(DType dtype, Elem arg) -> {
        DType from = arg.dtype(operands);
        if (from.isFloat()) {
          Frame.Real value = real(arg);
          yield frame -> rounded(dtype, value.at(frame));
        }
        Frame.Integral value = integral(arg);
        yield frame -> fromInteger(value.at(frame), from, dtype);
      }
      case Elem.Reduce reduce -> realReduce(reduce);
    };
  }

  /// Compiles an expression of an integer type or bool.
  Frame.Integral integral(Elem elem) {
    return switch (elem) {
      case Elem.Read(int operand, List<Index> at) -> {
        Place place = place(operand, at);
        yield frame -> frame.operands[operand].integers[place.in(frame)];
      }
      case Elem.Literal literal -> frame -> literal.integer();
      case Elem.IndexValue(DType dtype, var expr) -> {
        Frame.Integral index = indices.compile(expr);
        yield dtype == DType.I64 ? index : frame -> dtype.wrap(index.at(frame));
      }
      case Elem.Call(ScalarFn fn, List<Elem> args) -> integralCall(fn, args);
      case Elem.Cast(DType dtype, Elem arg) -> {
        if (arg.dtype(operands).isFloat()) {
          Frame.Real value = real(arg);
          yield frame -> ScalarMath.toInteger(value.at(frame), dtype);
        }
        Frame.Integral value = integral(arg);
        yield frame -> dtype.wrap(value.at(frame));
      }
      case Elem.Reduce reduce -> integralReduce(reduce);
    };
  }

  private double rounded(DType dtype, double value) {
    return exact ? value : dtype.round(value);
  }

  private double fromInteger(long value, DType from, DType to) {
    return exact ? ScalarMath.toReal(value, from) : ScalarMath.toReal(value, from, to);
  }

  private Frame.Real realCall(ScalarFn fn, List<Elem> args) {
    if (fn == ScalarFn.SELECT) {
      Frame.Integral condition = integral(args.get(0));
      Frame.Real yes = real(args.get(1));
      Frame.Real no = real(args.get(2));
      return frame -> condition.at(frame) != 0 ? yes.at(frame) : no.at(frame);
    }
    Frame.Real a = real(args.get(0));
    if (fn.arity() == 1) {
      DoubleUnaryOperator op = ScalarMath.unary(fn);
      return frame -> op.applyAsDouble(a.at(frame));
    }
    Frame.Real b = real(args.get(1));
    if (fn == ScalarFn.MUL) {
      return frame -> a.at(frame) * b.at(frame);
    }
    if (fn.arity() == 2) {
      DoubleBinaryOperator op = ScalarMath.binary(fn);
      return frame -> op.applyAsDouble(a.at(frame), b.at(frame));
    }
    Frame.Real c = real(args.get(2));
    DType type = args.get(0).dtype(operands);
    return frame -> ScalarMath.apply(fn, type, a.at(frame), b.at(frame), c.at(frame));
  }

  private Frame.Integral integralCall(ScalarFn fn, List<Elem> args) {
    DType type = args.get(0).dtype(operands);
    if (type.isFloat()) {
      return comparison(fn, args);
    }
    if (fn == ScalarFn.SELECT) {
      Frame.Integral condition = integral(args.get(0));
      Frame.Integral yes = integral(args.get(1));
      Frame.Integral no = integral(args.get(2));
      return frame -> condition.at(frame) != 0 ? yes.at(frame) : no.at(frame);
    }
    List<Frame.Integral> x = args.stream().map(this::integral).toList();
    Frame.Integral a = x.get(0);
    if (fn.arity() == 1) {
      LongUnaryOperator op = ScalarMath.unary(fn, type);
      return frame -> op.applyAsLong(a.at(frame));
    }
    Frame.Integral b = x.get(1);
    if (type == DType.BOOL && fn == ScalarFn.AND) {
      // A guard's second half may be costly; a false first half answers.
      return frame -> a.at(frame) == 0 ? 0 : b.at(frame);
    }
    if (fn.arity() == 2) {
      boolean signed = type.kind() == DType.Kind.SIGNED;
      LongBinaryOperator op = ScalarMath.binary(fn, type);
      // Guards compare indices for each element; these two save a call.
      return signed && fn == ScalarFn.LT
          ? frame -> a.at(frame) < b.at(frame) ? 1 : 0
          : signed && fn == ScalarFn.GE
              ? frame -> a.at(frame) >= b.at(frame) ? 1 : 0
              : frame -> op.applyAsLong(a.at(frame), b.at(frame));
    }
    return frame -> {
      long[] values = new long[x.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = x.get(i).at(frame);
      }
      return ScalarMath.apply(fn, type, values);
    };
  }

  private Frame.Integral comparison(ScalarFn fn, List<Elem> args) {
    Frame.Real a = real(args.get(0));
    if (fn.arity() == 1) {
      DoubleUnaryOperator op = ScalarMath.unary(fn);
      return frame -> (long) op.applyAsDouble(a.at(frame));
    }
    Frame.Real b = real(args.get(1));
    DoubleBinaryOperator op = ScalarMath.binary(fn);
    return frame -> (long) op.applyAsDouble(a.at(frame), b.at(frame));
  }

  private Frame.Real realReduce(Elem.Reduce reduce) {
    List<IndexCompiler.Binding> scope = new ArrayList<>();
    Loop loop = Loop.bind(reduce.axes(), indices, scope);
    Frame.Real body = real(reduce.body());
    scope.reversed().forEach(indices::unbind);
    double identity = reduce.reducer().identity();
    if (reduce.reducer() == Reducer.SUM) {
      return frame -> {
        double sum = identity;
        for (boolean more = loop.first(frame); more; more = loop.next(frame)) {
          sum += body.at(frame);
        }
        return sum;
      };
    }
    DoubleBinaryOperator join =
        switch (reduce.reducer()) {
          case SUM -> Double::sum;
          case PRODUCT -> (a, b) -> a * b;
          case MAX -> Math::max;
          case MIN -> Math::min;
          case ANY, ALL -> throw new CompilerBug("interpreter", reduce.reducer() + " of floats");
        };
    return frame -> {
      double value = identity;
      for (boolean more = loop.first(frame); more; more = loop.next(frame)) {
        value = join.applyAsDouble(value, body.at(frame));
      }
      return value;
    };
  }

  private Frame.Integral integralReduce(Elem.Reduce reduce) {
    List<IndexCompiler.Binding> scope = new ArrayList<>();
    Loop loop = Loop.bind(reduce.axes(), indices, scope);
    Frame.Integral body = integral(reduce.body());
    scope.reversed().forEach(indices::unbind);
    DType type = reduce.body().dtype(operands);
    ScalarFn fn =
        switch (reduce.reducer()) {
          case SUM -> ScalarFn.ADD;
          case PRODUCT -> ScalarFn.MUL;
          case MAX -> ScalarFn.MAX;
          case MIN -> ScalarFn.MIN;
          case ANY -> ScalarFn.OR;
          case ALL -> ScalarFn.AND;
        };
    long identity = reduce.reducer().identity(type).integer();
    // Wrapping commutes with sums and products, so narrow accumulators need no step of their own.
    LongBinaryOperator join = ScalarMath.binary(fn, type);
    return frame -> {
      long value = identity;
      for (boolean more = loop.first(frame); more; more = loop.next(frame)) {
        value = join.applyAsLong(value, body.at(frame));
      }
      return value;
    };
  }

  private Place place(int operand, List<Index> at) {
    if (operand < 0 || operand >= shapes.size() || shapes.get(operand).length != at.size()) {
      throw new CompilerBug(
          "interpreter", what + " reads $" + operand + at + ", which is not there");
    }
    Frame.Integral[] index = new Frame.Integral[at.size()];
    for (int i = 0; i < index.length; i++) {
      index[i] =
          switch (at.get(i)) {
            case Index.At(var expr) -> indices.compile(expr);
            case Index.Computed(Elem value) -> integral(value);
          };
    }
    return new Place(what + " reads operand " + operand, shapes.get(operand), index);
  }
}
