package dev.sinter.ir.kernel;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.kernel.LoopKernel.Expr;
import dev.sinter.ir.kernel.LoopKernel.Function;
import dev.sinter.ir.kernel.LoopKernel.Statement;
import dev.sinter.runtime.DType;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// The text form of a [LoopKernel], one statement a line; [LoopKernelParser] reads it back:
///
/// ```
/// loops scale {
///   buffer 0 ids i64
///   buffer 1 x f32
///   size N
///   function scale() {
///     share from to of {N} {
///       for row = {from} to {to} by {1} {
///         index at = load(0, {row}) below {11}
///         let sum f32 vector = splat(f32(0.0))
///         set sum = fma(vector(1, {at}), splat(f32(2.5)), sum)
///         call tile({row}, {$lanes + at})
///       }
///     }
///   }
///   function tile(row, col) {
///     int end = {min(N, $lanes + col)}
///     if le(index(i32, {end}), index(i32, {N})) {
///       store 1 {col} = vector(1, {col}, {N - col}) below {N - col}
///     } else {
///       store 1 {col} = f32(0.0)
///     }
///   }
/// }
/// ```
///
/// Integers stand in braces. In expressions, `index(f32, {i}, {2})` is a vector of indices, `load`
/// reads a scalar and `vector` a vector, `join(sum, v)` joins lanes, `head(sum, v, {n})` keeps the
/// lanes below `n`, `cast(f32, x)` converts and `bits(i32, x)` does not; every other name before a
/// parenthesis is a type, of which a literal follows, or a function of scalars.
public final class LoopKernelPrinter {
  private final StringBuilder text = new StringBuilder();

  private LoopKernelPrinter() {}

  /// The text of `kernel`.
  public static String print(LoopKernel kernel) {
    LoopKernelPrinter printer = new LoopKernelPrinter();
    printer.line(0, "loops " + kernel.name() + " {");
    for (int i = 0; i < kernel.buffers().size(); i++) {
      LoopKernel.Buffer b = kernel.buffers().get(i);
      printer.line(1, "buffer " + i + " " + b.name() + " " + b.dtype());
    }
    kernel.sizes().forEach(size -> printer.line(1, "size " + size));
    for (Function function : kernel.functions()) {
      String params = String.join(", ", function.params());
      String kind = function.shared() ? "shared function " : "function ";
      printer.block(1, kind + function.name() + "(" + params + ")", function.body());
      printer.line(1, "}");
    }
    printer.line(0, "}");
    return printer.text.toString();
  }

  /// The text of one value.
  public static String print(Expr expr) {
    return switch (expr) {
      case Expr.Local(String name) -> name;
      case Expr.Constant(Elem.Literal literal) -> literal.toString();
      case Expr.IndexValue(DType dtype, Dim value, Optional<Dim> stride) ->
          "index(" + dtype + ", " + dim(value) + more(stride) + ")";
      case Expr.Load(int buffer, Dim at) -> "load(" + buffer + ", " + dim(at) + ")";
      case Expr.LoadVector(int buffer, Dim at, Optional<Dim> below) ->
          "vector(" + buffer + ", " + dim(at) + more(below) + ")";
      case Expr.Apply(ScalarFn fn, List<Expr> args) ->
          args.stream()
              .map(LoopKernelPrinter::print)
              .collect(Collectors.joining(", ", fn + "(", ")"));
      case Expr.Cast(DType dtype, Expr arg) -> "cast(" + dtype + ", " + print(arg) + ")";
      case Expr.Bits(DType dtype, Expr arg) -> "bits(" + dtype + ", " + print(arg) + ")";
      case Expr.Splat(Expr scalar) -> "splat(" + print(scalar) + ")";
      case Expr.JoinLanes(Reducer reducer, Expr vector) ->
          "join(" + reducer + ", " + print(vector) + ")";
      case Expr.Head(Reducer reducer, Expr vector, Dim limit) ->
          "head(" + reducer + ", " + print(vector) + ", " + dim(limit) + ")";
    };
  }

  private void line(int depth, String line) {
    text.append("  ".repeat(depth)).append(line).append('\n');
  }

  private void block(int depth, String head, List<Statement> body) {
    line(depth, head + " {");
    body.forEach(statement -> statement(depth + 1, statement));
  }

  private void statement(int depth, Statement statement) {
    switch (statement) {
      case Statement.For(String index, Dim from, Dim to, Dim step, List<Statement> body) -> {
        String head = "for %s = %s to %s by %s".formatted(index, dim(from), dim(to), dim(step));
        block(depth, head, body);
        line(depth, "}");
      }
      case Statement.Share(String from, String to, Dim count, List<Statement> body) -> {
        block(depth, "share %s %s of %s".formatted(from, to, dim(count)), body);
        line(depth, "}");
      }
      case Statement.Int(String name, Dim value) -> line(depth, "int " + name + " = " + dim(value));
      case Statement.IntOf(String name, Expr value, Dim limit) ->
          line(depth, "index " + name + " = " + print(value) + " below " + dim(limit));
      case Statement.Let(String name, LoopKernel.Type type, Expr value) ->
          line(depth, "let " + name + " " + type(type) + " = " + print(value));
      case Statement.Assign(String name, Expr value) ->
          line(depth, "set " + name + " = " + print(value));
      case Statement.Store(int buffer, Dim at, Expr value, Optional<Dim> below) ->
          line(
              depth,
              "store %d %s = %s".formatted(buffer, dim(at), print(value))
                  + below.map(limit -> " below " + dim(limit)).orElse(""));
      case Statement.If(Expr condition, List<Statement> then, List<Statement> otherwise) -> {
        block(depth, "if " + print(condition), then);
        if (!otherwise.isEmpty()) {
          block(depth, "} else", otherwise);
        }
        line(depth, "}");
      }
      case Statement.Call(String function, List<Dim> args) ->
          line(
              depth,
              args.stream()
                  .map(LoopKernelPrinter::dim)
                  .collect(Collectors.joining(", ", "call " + function + "(", ")")));
    }
  }

  private static String type(LoopKernel.Type type) {
    return type.dtype() + (type.vector() ? " vector" : "");
  }

  private static String dim(Dim dim) {
    return "{" + dim + "}";
  }

  private static String more(Optional<Dim> dim) {
    return dim.map(d -> ", " + dim(d)).orElse("");
  }
}
