package dev.sinter.ir.kernel;

import dev.sinter.ir.kernel.LoopKernel.Expr;
import dev.sinter.ir.kernel.LoopKernel.Function;
import dev.sinter.ir.kernel.LoopKernel.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;

/// Which buffers a function uses, and the same function for others.
final class BufferUse {
  private BufferUse() {}

  /// The buffers, in the order of their first use.
  static List<Integer> of(Function function) {
    List<Integer> used = new ArrayList<>();
    function
        .body()
        .forEach(statement ->
            renumbered(
                statement,
                buffer -> {
                  if (!used.contains(buffer)) {
                    used.add(buffer);
                  }
                  return buffer;
                }));
    return List.copyOf(used);
  }

  /// The function with each buffer's place in `buffers` for its number.
  static Function onto(Function function, List<Integer> buffers) {
    return new Function(
        function.name(),
        function.params(),
        renumbered(function.body(), buffers::indexOf),
        function.shared());
  }

  private static List<Statement> renumbered(List<Statement> body, IntUnaryOperator number) {
    return body.stream().map(statement -> renumbered(statement, number)).toList();
  }

  private static Statement renumbered(Statement statement, IntUnaryOperator number) {
    return switch (statement) {
      case Statement.For(var index, var from, var to, var step, List<Statement> body) ->
          new Statement.For(index, from, to, step, renumbered(body, number));
      case Statement.Share(var from, var to, var count, List<Statement> body) ->
          new Statement.Share(from, to, count, renumbered(body, number));
      case Statement.Int _, Statement.Call _ -> statement;
      case Statement.IntOf(var name, Expr value, var limit) ->
          new Statement.IntOf(name, renumbered(value, number), limit);
      case Statement.Let(var name, var type, Expr value) ->
          new Statement.Let(name, type, renumbered(value, number));
      case Statement.Assign(var name, Expr value) ->
          new Statement.Assign(name, renumbered(value, number));
      case Statement.Store(int buffer, var at, Expr value, var below) -> {
        Expr stored = renumbered(value, number);
        yield new Statement.Store(number.applyAsInt(buffer), at, stored, below);
      }
      case Statement.If(Expr condition, List<Statement> then, List<Statement> otherwise) ->
          new Statement.If(
              renumbered(condition, number),
              renumbered(then, number),
              renumbered(otherwise, number));
    };
  }

  private static Expr renumbered(Expr expr, IntUnaryOperator number) {
    return switch (expr) {
      case Expr.Local _, Expr.Constant _, Expr.IndexValue _ -> expr;
      case Expr.Load(int buffer, var at) -> new Expr.Load(number.applyAsInt(buffer), at);
      case Expr.LoadVector(int buffer, var at, var below) ->
          new Expr.LoadVector(number.applyAsInt(buffer), at, below);
      case Expr.Apply(var fn, List<Expr> args) ->
          new Expr.Apply(fn, args.stream().map(arg -> renumbered(arg, number)).toList());
      case Expr.Cast(var dtype, Expr arg) -> new Expr.Cast(dtype, renumbered(arg, number));
      case Expr.Bits(var dtype, Expr arg) -> new Expr.Bits(dtype, renumbered(arg, number));
      case Expr.Splat(Expr scalar) -> new Expr.Splat(renumbered(scalar, number));
      case Expr.JoinLanes(var reducer, Expr vector) ->
          new Expr.JoinLanes(reducer, renumbered(vector, number));
      case Expr.Head(var reducer, Expr vector, var limit) ->
          new Expr.Head(reducer, renumbered(vector, number), limit);
    };
  }
}
