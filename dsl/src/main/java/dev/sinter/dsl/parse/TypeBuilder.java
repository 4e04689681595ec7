package dev.sinter.dsl.parse;

import dev.sinter.dsl.ast.DimSyntax;
import dev.sinter.dsl.ast.Field;
import dev.sinter.dsl.ast.Result;
import dev.sinter.dsl.ast.Sizes;
import dev.sinter.dsl.ast.TypeSyntax;
import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.ir.diagnostic.Span;
import java.util.ArrayList;
import java.util.List;

/// Builds types, sizes, parameters and results.
final class TypeBuilder {
  private final Tree tree;
  private final ExprBuilder exprs;

  TypeBuilder(Tree tree, ExprBuilder exprs) {
    this.tree = tree;
    this.exprs = exprs;
  }

  TypeSyntax build(SinterParser.TypeContext context) {
    Span span = tree.span(context);
    return switch (context) {
      case SinterParser.TensorTypeContext c ->
          new TypeSyntax.Tensor(
              tree.name(c.getStart()), c.dims().dim().stream().map(this::dim).toList(), span);
      case SinterParser.VariableOrModuleContext c ->
          new TypeSyntax.Named(
              tree.name(c.TYPE()), c.sizes() == null ? null : sizes(c.sizes()), span);
      case SinterParser.ListTypeContext c -> new TypeSyntax.ListOf(build(c.type()), span);
      case SinterParser.FunctionTypeContext c -> new TypeSyntax.FunctionType(tree.span(c));
      case SinterParser.StaticTypeContext c -> new TypeSyntax.Static(tree.name(c.getStart()), span);
      default ->
          throw new CompilerBug("parser", "no builder for " + context.getClass().getSimpleName());
    };
  }

  Sizes sizes(SinterParser.SizesContext context) {
    List<DimSyntax> from = new ArrayList<>();
    List<DimSyntax> to = new ArrayList<>();
    boolean arrow = context.ARROW() != null;
    for (SinterParser.DimContext dim : context.dim()) {
      boolean after =
          arrow && dim.getStart().getTokenIndex() > context.ARROW().getSymbol().getTokenIndex();
      (after ? to : from).add(dim(dim));
    }
    return new Sizes(from, arrow ? to : null, tree.span(context));
  }

  private DimSyntax dim(SinterParser.DimContext context) {
    return context.TYPE() != null
        ? new DimSyntax.Rest(tree.name(context.TYPE()), tree.span(context))
        : new DimSyntax.Single(exprs.build(context.expr()));
  }

  List<Field> fields(List<SinterParser.FieldContext> contexts) {
    return contexts.stream().map(this::field).toList();
  }

  private Field field(SinterParser.FieldContext context) {
    return new Field(
        tree.name(context.name()),
        build(context.type()),
        context.expr() == null ? null : exprs.build(context.expr()),
        tree.span(context));
  }

  Result result(SinterParser.ResultContext context) {
    return context.type() != null
        ? new Result.Single(build(context.type()))
        : new Result.Named(fields(context.field()), tree.span(context));
  }
}
