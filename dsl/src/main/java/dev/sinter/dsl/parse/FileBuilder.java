package dev.sinter.dsl.parse;

import dev.sinter.dsl.ast.Body;
import dev.sinter.dsl.ast.Comment;
import dev.sinter.dsl.ast.Definition;
import dev.sinter.dsl.ast.Expr;
import dev.sinter.dsl.ast.Field;
import dev.sinter.dsl.ast.Function;
import dev.sinter.dsl.ast.Import;
import dev.sinter.dsl.ast.Name;
import dev.sinter.dsl.ast.Result;
import dev.sinter.dsl.ast.Sizes;
import dev.sinter.dsl.ast.SourceFile;
import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.Span;
import java.util.ArrayList;
import java.util.List;
import org.antlr.v4.runtime.Token;
import org.jspecify.annotations.Nullable;

/// Builds files and definitions.
final class FileBuilder {
  private final Tree tree;
  private final ExprBuilder exprs;
  private final TypeBuilder types;
  private final ItemBuilder items;

  FileBuilder(Tree tree) {
    this.tree = tree;
    this.exprs = new ExprBuilder(tree);
    this.types = exprs.types();
    this.items = new ItemBuilder(tree, exprs);
  }

  SourceFile build(SinterParser.FileContext file) {
    return new SourceFile(
        tree.source(),
        file.import_().stream().map(this::importOf).toList(),
        file.definition().stream().map(this::definition).toList(),
        comments());
  }

  private Import importOf(SinterParser.Import_Context context) {
    List<Name> names = new ArrayList<>();
    for (SinterParser.ImportNameContext name : context.importName()) {
      names.add(tree.name(name.getStart()));
    }
    return new Import(tree.names(context.name()), names, tree.span(context));
  }

  private Definition definition(SinterParser.DefinitionContext context) {
    String doc = tree.doc(context);
    Span span = tree.span(context);
    return switch (context) {
      case SinterParser.ModuleContext c ->
          new Definition.Module(
              doc,
              tree.name(c.TYPE()),
              sizes(c.sizes()),
              params(c.params()),
              facts(c.where()),
              items.all(c.members()),
              span);
      case SinterParser.ModelContext c ->
          new Definition.Model(
              doc,
              tree.name(c.TYPE()),
              params(c.params()),
              facts(c.where()),
              items.all(c.members()),
              span);
      case SinterParser.DerivedModelContext c ->
          new Definition.DerivedModel(
              doc, tree.name(c.TYPE()), exprs.instance(c.instance()), items.edits(c.edits()), span);
      case SinterParser.OptimizerContext c ->
          new Definition.Optimizer(
              doc, tree.name(c.TYPE()), params(c.params()), items.all(c.members()), span);
      case SinterParser.TrainContext c ->
          new Definition.Train(
              doc, tree.name(c.TYPE()), params(c.params()), items.all(c.trainMembers()), span);
      case SinterParser.TopFunctionContext c ->
          new Definition.TopFunction(topFunction(c.function()));
      case SinterParser.CustomGradientContext c -> {
        Body body = exprs.statements().body(c.body());
        Result result = types.result(c.result());
        yield new Definition.Gradient(
            doc, tree.name(c.name()), params(c.params()), result, body, span);
      }
      default ->
          throw new CompilerBug("parser", "no builder for " + context.getClass().getSimpleName());
    };
  }

  private Function topFunction(SinterParser.FunctionContext context) {
    Function function = items.function(context);
    if (function.isCall()) {
      tree.report(
          DiagnosticCode.MISPLACED_ITEM,
          function.name().span(),
          "a function outside of a module needs a name",
          "write `fn name(...)`");
    }
    return function;
  }

  private @Nullable Sizes sizes(SinterParser.@Nullable SizesContext context) {
    return context == null ? null : types.sizes(context);
  }

  private List<Field> params(SinterParser.@Nullable ParamsContext context) {
    return context == null ? List.of() : types.fields(context.field());
  }

  private List<Expr> facts(SinterParser.@Nullable WhereContext context) {
    return context == null ? List.of() : exprs.all(context.expr());
  }

  private List<Comment> comments() {
    List<Comment> comments = new ArrayList<>();
    int lastLine = 0;
    for (Token token : tree.tokens().getTokens()) {
      int type = token.getType();
      if (type == SinterLexer.COMMENT || type == SinterLexer.DOC) {
        Span span = tree.span(token);
        comments.add(new Comment(span.text().stripTrailing(), token.getLine() == lastLine, span));
      } else if (token.getChannel() == Token.DEFAULT_CHANNEL) {
        lastLine = token.getLine();
      }
    }
    return comments;
  }
}
