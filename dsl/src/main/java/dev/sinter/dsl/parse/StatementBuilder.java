package dev.sinter.dsl.parse;

import dev.sinter.dsl.ast.Body;
import dev.sinter.dsl.ast.Keys;
import dev.sinter.dsl.ast.Path;
import dev.sinter.dsl.ast.Statement;
import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.ir.diagnostic.Span;
import java.util.ArrayList;
import java.util.List;

/// Builds bodies, statements and the paths of members.
final class StatementBuilder {
  private final Tree tree;
  private final ExprBuilder exprs;

  StatementBuilder(Tree tree, ExprBuilder exprs) {
    this.tree = tree;
    this.exprs = exprs;
  }

  Body body(SinterParser.BodyContext context) {
    return context.block() != null
        ? block(context.block())
        : new Body.Single(exprs.build(context.expr()));
  }

  Body.Block block(SinterParser.BlockContext context) {
    return new Body.Block(
        context.statement().stream().map(this::statement).toList(), tree.span(context));
  }

  private Statement statement(SinterParser.StatementContext context) {
    Span span = tree.span(context);
    return switch (context) {
      case SinterParser.TypedLetContext c ->
          new Statement.TypedLet(
              tree.name(c.name()), exprs.types().build(c.type()), exprs.build(c.expr()), span);
      case SinterParser.LetContext c ->
          new Statement.Let(tree.names(c.name()), exprs.build(c.expr()), span);
      case SinterParser.IndexLetContext c ->
          new Statement.IndexLet(
              tree.name(c.name()), exprs.axes(c.axis()), exprs.build(c.expr()), span);
      case SinterParser.SizeLetContext c ->
          new Statement.SizeLet(
              tree.name(c.TYPE()), exprs.build(c.expr(0)), exprs.build(c.expr(1)), span);
      case SinterParser.LocalKeysContext c -> new Keys(tree.names(c.name()), span);
      case SinterParser.NextContext c ->
          new Statement.Next(
              tree.name(c.name()),
              exprs.build(c.expr(0)),
              c.expr().size() < 2 ? null : exprs.build(c.expr(1)),
              span);
      case SinterParser.EmitContext c -> new Statement.Emit(exprs.build(c.expr()), span);
      case SinterParser.ReturnContext c -> new Statement.Return(exprs.build(c.expr()), span);
      case SinterParser.MinimizeContext c ->
          new Statement.Minimize(
              exprs.build(c.expr()), c.over().stream().map(this::over).toList(), span);
      default ->
          throw new CompilerBug("parser", "no builder for " + context.getClass().getSimpleName());
    };
  }

  private Statement.Over over(SinterParser.OverContext context) {
    return new Statement.Over(
        paths(context.path()), exprs.build(context.expr()), tree.span(context));
  }

  List<Path> paths(List<SinterParser.PathContext> contexts) {
    return contexts.stream().map(this::path).toList();
  }

  private Path path(SinterParser.PathContext context) {
    List<Path.Part> parts = new ArrayList<>();
    parts.add(
        context.name() != null
            ? new Path.Part.Member(tree.name(context.name()))
            : new Path.Part.Each(tree.span(context.getStart())));
    for (SinterParser.PathPartContext part : context.pathPart()) {
      parts.add(part(part));
    }
    return new Path(parts, tree.span(context));
  }

  private Path.Part part(SinterParser.PathPartContext context) {
    Span span = tree.span(context);
    if (context.name() != null) {
      return new Path.Part.Member(tree.name(context.name()));
    }
    if (context.POWER() != null) {
      return new Path.Part.Deep(span);
    }
    if (context.STAR() != null) {
      return context.LBRACKET() != null ? new Path.Part.EachIndex(span) : new Path.Part.Each(span);
    }
    long first = exprs.integer(context.INT(0).getSymbol());
    Long last = context.INT().size() < 2 ? null : exprs.integer(context.INT(1).getSymbol());
    return new Path.Part.Index(first, last, span);
  }
}
