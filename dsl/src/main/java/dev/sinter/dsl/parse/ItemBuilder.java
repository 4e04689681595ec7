package dev.sinter.dsl.parse;

import dev.sinter.dsl.ast.Body;
import dev.sinter.dsl.ast.Edit;
import dev.sinter.dsl.ast.Expr;
import dev.sinter.dsl.ast.Function;
import dev.sinter.dsl.ast.Item;
import dev.sinter.dsl.ast.Keys;
import dev.sinter.dsl.ast.Name;
import dev.sinter.dsl.ast.StringLiteral;
import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.ir.diagnostic.Span;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Builds items, edits and functions.
final class ItemBuilder {
  private final Tree tree;
  private final ExprBuilder exprs;
  private final TypeBuilder types;
  private final StatementBuilder statements;

  ItemBuilder(Tree tree, ExprBuilder exprs) {
    this.tree = tree;
    this.exprs = exprs;
    this.types = exprs.types();
    this.statements = exprs.statements();
  }

  List<Item> all(SinterParser.MembersContext context) {
    return context.item().stream().map(this::item).toList();
  }

  List<Item> all(SinterParser.TrainMembersContext context) {
    return context.trainItem().stream().map(this::trainItem).toList();
  }

  List<Edit> edits(SinterParser.EditsContext context) {
    return context.edit().stream().map(this::edit).toList();
  }

  private Item item(SinterParser.ItemContext context) {
    Span span = tree.span(context);
    return switch (context) {
      case SinterParser.MemberContext c -> {
        StringLiteral from = c.STRING() == null ? null : exprs.string(c.STRING());
        yield new Item.Member(
            tree.name(c.name()), exprs.build(c.expr(0)), from, second(c.expr()), span);
      }
      case SinterParser.SizeAliasContext c ->
          new Item.SizeAlias(tree.name(c.TYPE()), exprs.build(c.expr()), span);
      case SinterParser.ParamContext c ->
          new Item.Param(
              tree.name(c.name()),
              types.build(c.type()),
              exprs.build(c.expr(0)),
              second(c.expr()),
              span);
      case SinterParser.StateContext c ->
          new Item.State(
              tree.name(c.name()),
              types.build(c.type()),
              exprs.build(c.expr(0)),
              second(c.expr()),
              span);
      case SinterParser.KeysContext c -> new Keys(tree.names(c.name()), span);
      case SinterParser.MethodContext c -> new Item.Method(function(c.function()));
      case SinterParser.EditedContext c -> edit(c.edit());
      default ->
          throw new CompilerBug("parser", "no builder for " + context.getClass().getSimpleName());
    };
  }

  private @Nullable Expr second(List<SinterParser.ExprContext> contexts) {
    return contexts.size() < 2 ? null : exprs.build(contexts.get(1));
  }

  private Item trainItem(SinterParser.TrainItemContext context) {
    Span span = tree.span(context);
    return switch (context) {
      case SinterParser.TrainMemberContext c -> item(c.item());
      case SinterParser.DataSourceContext c ->
          new Item.Data(
              types.fields(c.params().field()), tree.name(c.TYPE()), exprs.build(c.expr()), span);
      case SinterParser.StepContext c -> {
        Name name = c.name() == null ? new Name("", tree.span(c.getStart())) : tree.name(c.name());
        Body.Block body = statements.block(c.block());
        yield new Item.Step(
            name, c.args() == null ? List.of() : exprs.arguments(c.args()), body, span);
      }
      case SinterParser.MetricContext c ->
          new Item.Metric(tree.name(c.name()), exprs.build(c.expr()), span);
      case SinterParser.SettingContext c ->
          new Item.Setting(tree.name(c.word), exprs.build(c.expr()), span);
      default ->
          throw new CompilerBug("parser", "no builder for " + context.getClass().getSimpleName());
    };
  }

  private Edit edit(SinterParser.EditContext context) {
    Span span = tree.span(context);
    return switch (context) {
      case SinterParser.ChangeContext c ->
          new Edit.Change(tree.name(c.verb), statements.paths(c.path()), optional(c.expr()), span);
      case SinterParser.RenameContext c ->
          new Edit.Rename(
              exprs.string(c.STRING(0)), exprs.string(c.STRING(1)), optional(c.expr()), span);
      case SinterParser.LimitContext c ->
          new Edit.Limit(tree.name(c.name()), exprs.number(c.number()), tree.name(c.TYPE()), span);
      case SinterParser.BoundContext c ->
          new Edit.Bound(tree.name(c.TYPE()), exprs.number(c.number()), span);
      case SinterParser.CheckContext c -> new Edit.Check(tree.name(c.name()), span);
      default ->
          throw new CompilerBug("parser", "no builder for " + context.getClass().getSimpleName());
    };
  }

  private @Nullable Expr optional(SinterParser.@Nullable ExprContext context) {
    return context == null ? null : exprs.build(context);
  }

  Function function(SinterParser.FunctionContext context) {
    Name name =
        context.name() == null
            ? new Name("", tree.span(context.getStart()))
            : tree.name(context.name());
    List<Expr> facts = context.where() == null ? List.of() : exprs.all(context.where().expr());
    return new Function(
        tree.doc(context),
        name,
        types.fields(context.params().field()),
        types.result(context.result()),
        facts,
        statements.body(context.body()),
        tree.span(context));
  }
}
