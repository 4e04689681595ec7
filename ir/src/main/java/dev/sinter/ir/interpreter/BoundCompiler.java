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

/// Compiles an element expression into closures that answer its value in `f64` and leave in
/// [Frame#error] by how much a rounded computation may miss it.
///
/// A function passes on what its value changes by when each argument moves by its error, and adds a
/// few units of its own. A sum of `n` adds units times the sum of magnitudes, few for each and more
/// for many terms. Where a comparison may go either way, what depends on it may have either value.
final class BoundCompiler {
  /// Units in the last place that a function's approximation may miss by.
  private static final double UNITS = 4;

  /// How much further than its error an argument of what jumps may be off, since the error leaves
  /// out products of errors.
  private static final double MARGIN = 4;

  private final IndexCompiler indices;
  private final ElemCompiler exact;
  private final List<TensorType> operands;
  private final List<long[]> shapes;
  private final String what;

  /// @param exact compiles the indices, in the same scope
  BoundCompiler(
      IndexCompiler indices,
      ElemCompiler exact,
      List<TensorType> operands,
      List<long[]> shapes,
      String what) {
    this.indices = indices;
    this.exact = exact;
    this.operands = operands;
    this.shapes = shapes;
    this.what = what;
  }

  /// Half the distance of two neighbours of `dtype`, relative to their size; 0 for integers.
  static double roundoff(DType dtype) {
    return switch (dtype) {
      case F16 -> 0x1p-11;
      case BF16 -> 0x1p-8;
      case F32 -> 0x1p-24;
      case F64 -> 0x1p-53;
      default -> 0;
    };
  }

  Frame.Real compile(Elem elem) {
    return switch (elem) {
      case Elem.Read(int operand, List<Index> at) -> read(operand, at);
      case Elem.Literal literal -> {
        double value = literal.dtype().isFloat() ? literal.real() : (double) literal.integer();
        double unit = Math.abs(value) * roundoff(literal.dtype());
        yield frame -> frame.with(value, unit);
      }
      case Elem.IndexValue(DType dtype, var expr) -> {
        Frame.Integral index = indices.compile(expr);
        double unit = roundoff(dtype);
        yield frame -> {
          double value = (double) index.at(frame);
          return frame.with(value, unit * Math.abs(value));
        };
      }
      case Elem.Call(ScalarFn fn, List<Elem> args) ->
          fn == ScalarFn.SELECT ? select(args) : call(fn, args);
      case Elem.Cast(DType dtype, Elem arg) -> cast(dtype, arg);
      case Elem.Reduce reduce -> reduce(reduce);
    };
  }

  private Frame.Real read(int operand, List<Index> at) {
    Frame.Integral[] index = new Frame.Integral[at.size()];
    List<Frame.Real> computed = new ArrayList<>();
    for (int i = 0; i < index.length; i++) {
      switch (at.get(i)) {
        case Index.At(var expr) -> index[i] = indices.compile(expr);
        case Index.Computed(Elem value) -> {
          index[i] = exact.integral(value);
          computed.add(compile(value));
        }
      }
    }
    Place place = new Place(what + " reads operand " + operand, shapes.get(operand), index);
    return frame -> {
      boolean certain = true;
      for (Frame.Real value : computed) {
        value.at(frame);
        certain &= frame.error == 0;
      }
      Numbers from = frame.operands[operand];
      int element = place.in(frame);
      return frame.with(
          from.number(element), certain ? from.error(element) : Double.POSITIVE_INFINITY);
    };
  }

  private Frame.Real cast(DType dtype, Elem arg) {
    Frame.Real value = compile(arg);
    DType from = arg.dtype(operands);
    if (dtype.isFloat()) {
      double unit = roundoff(dtype);
      return frame -> {
        double x = value.at(frame);
        return frame.with(x, frame.error + unit * Math.abs(x));
      };
    }
    return frame -> {
      double x = value.at(frame);
      double error = MARGIN * frame.error;
      double y = toInteger(x, from, dtype);
      double moved =
          error == 0
              ? 0
              : Math.max(
                  Math.abs(toInteger(x - error, from, dtype) - y),
                  Math.abs(toInteger(x + error, from, dtype) - y));
      return frame.with(y, moved);
    };
  }

  private static double toInteger(double x, DType from, DType to) {
    return from.isFloat() ? (double) ScalarMath.toInteger(x, to) : (double) to.wrap((long) x);
  }

  private Frame.Real select(List<Elem> args) {
    Frame.Real condition = compile(args.get(0));
    Frame.Real yes = compile(args.get(1));
    Frame.Real no = compile(args.get(2));
    return frame -> {
      boolean chosen = condition.at(frame) != 0;
      boolean certain = frame.error == 0;
      double value = (chosen ? yes : no).at(frame);
      double error = frame.error;
      if (certain) {
        return frame.with(value, error);
      }
      double other = (chosen ? no : yes).at(frame);
      return frame.with(value, Math.max(error, Math.abs(other - value) + frame.error));
    };
  }

  private Frame.Real call(ScalarFn fn, List<Elem> args) {
    DType type = args.getFirst().dtype(operands);
    DType result = fn.result(args.stream().map(a -> a.dtype(operands)).toList());
    double unit = roundoff(result.compute());
    double margin = result == DType.BOOL ? MARGIN : 1;
    Frame.Real[] parts = args.stream().map(this::compile).toArray(Frame.Real[]::new);
    return frame -> {
      double[] x = new double[parts.length];
      double[] errors = new double[parts.length];
      for (int i = 0; i < x.length; i++) {
        x[i] = parts[i].at(frame);
        errors[i] = margin * frame.error;
      }
      double y = apply(fn, type, x);
      double error = UNITS * unit * Math.abs(y);
      for (int i = 0; i < x.length; i++) {
        if (errors[i] > 0) {
          double at = x[i];
          x[i] = at - errors[i];
          double below = Math.abs(apply(fn, type, x) - y);
          x[i] = at + errors[i];
          double above = Math.abs(apply(fn, type, x) - y);
          x[i] = at;
          // Beyond the edge of where the function is defined there is nothing to compare.
          double moved =
              Double.isNaN(below) ? above : Double.isNaN(above) ? below : Math.max(below, above);
          error += Double.isNaN(moved) ? Double.POSITIVE_INFINITY : moved;
        }
      }
      return frame.with(y, error);
    };
  }

  private static double apply(ScalarFn fn, DType type, double[] x) {
    if (type.isFloat()) {
      return ScalarMath.apply(fn, type, x);
    }
    long[] integers = new long[x.length];
    for (int i = 0; i < x.length; i++) {
      integers[i] = (long) x[i];
    }
    return (double) ScalarMath.apply(fn, type, integers);
  }

  private Frame.Real reduce(Elem.Reduce reduce) {
    List<IndexCompiler.Binding> scope = new ArrayList<>();
    Loop loop = Loop.bind(reduce.axes(), indices, scope);
    Frame.Real body = compile(reduce.body());
    scope.reversed().forEach(indices::unbind);
    DType type = reduce.body().dtype(operands);
    double identity =
        type.isFloat()
            ? reduce.reducer().identity()
            : (double) reduce.reducer().identity(type).integer();
    double unit = roundoff(type.isFloat() ? reduce.accumulator() : type);
    return switch (reduce.reducer()) {
      case SUM -> frame -> sum(frame, loop, body, unit);
      case PRODUCT -> frame -> product(frame, loop, body, unit);
      case MAX, MIN, ANY, ALL -> frame -> extreme(frame, loop, body, reduce.reducer(), identity);
    };
  }

  private static double sum(Frame frame, Loop loop, Frame.Real body, double unit) {
    double sum = 0;
    double magnitude = 0;
    double error = 0;
    long terms = 0;
    for (boolean more = loop.first(frame); more; more = loop.next(frame)) {
      double x = body.at(frame);
      sum += x;
      magnitude += Math.abs(x);
      error += frame.error;
      terms++;
    }
    // Roundings of many terms mostly cancel: they grow with the root of their number.
    double units = UNITS * (1 + Math.sqrt((double) terms));
    return frame.with(sum, error + units * unit * magnitude);
  }

  private static double product(Frame frame, Loop loop, Frame.Real body, double unit) {
    double product = 1;
    double error = 0;
    for (boolean more = loop.first(frame); more; more = loop.next(frame)) {
      double x = body.at(frame);
      error = error * (Math.abs(x) + frame.error) + Math.abs(product) * frame.error;
      product *= x;
      error += UNITS * unit * Math.abs(product);
    }
    return frame.with(product, error);
  }

  private static double extreme(
      Frame frame, Loop loop, Frame.Real body, Reducer reducer, double identity) {
    double value = identity;
    double error = 0;
    for (boolean more = loop.first(frame); more; more = loop.next(frame)) {
      double x = body.at(frame);
      value =
          switch (reducer) {
            case MAX, ANY -> Math.max(value, x);
            case MIN, ALL -> Math.min(value, x);
            case SUM, PRODUCT -> throw new CompilerBug("interpreter", reducer + " is no extreme");
          };
      error = Math.max(error, frame.error);
    }
    return frame.with(value, error);
  }
}
