package dev.sinter.dsl.elaborate;

import dev.sinter.dsl.ast.Body;
import dev.sinter.dsl.ast.Definition;
import dev.sinter.dsl.ast.Expr;
import dev.sinter.dsl.ast.Function;
import dev.sinter.dsl.ast.Item;
import dev.sinter.dsl.ast.Name;
import dev.sinter.dsl.ast.Statement;
import dev.sinter.dsl.load.SourceSet;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.Diagnostics;
import java.util.List;
import java.util.regex.Pattern;

/// Warns of names in functions, steps and loops that get a value and are not read.
public final class UnusedNames {
  private final Diagnostics diagnostics;

  private UnusedNames(Diagnostics diagnostics) {
    this.diagnostics = diagnostics;
  }

  /// Looks through all files but those of the standard library.
  public static void report(SourceSet sources, Diagnostics diagnostics) {
    UnusedNames unused = new UnusedNames(diagnostics);
    sources
        .files()
        .forEach((path, unit) -> {
          if (!path.startsWith("std/")) {
            unit.file().definitions().forEach(unused::definition);
          }
        });
  }

  private void definition(Definition definition) {
    switch (definition) {
      case Definition.Module module -> module.items().forEach(this::item);
      case Definition.Model model -> model.items().forEach(this::item);
      case Definition.Optimizer optimizer -> optimizer.items().forEach(this::item);
      case Definition.Train train -> train.items().forEach(this::item);
      case Definition.TopFunction(Function function) -> body(function.body());
      case Definition.Gradient gradient -> body(gradient.body());
      case Definition.DerivedModel model -> {}
    }
  }

  private void item(Item item) {
    if (item instanceof Item.Method(Function function)) {
      body(function.body());
    } else if (item instanceof Item.Step step) {
      body(step.body());
    }
  }

  private void body(Body body) {
    switch (body) {
      case Body.Single(Expr value) -> loop(value);
      case Body.Block block -> block.statements().forEach(s -> statement(s, block));
    }
  }

  private void statement(Statement statement, Body.Block block) {
    switch (statement) {
      case Statement.Let let -> {
        names(let.names(), block);
        loop(let.value());
      }
      case Statement.TypedLet let -> {
        names(List.of(let.name()), block);
        loop(let.value());
      }
      case Statement.IndexLet let -> names(List.of(let.name()), block);
      case Statement.SizeLet let -> {
        names(List.of(let.name()), block);
        loop(let.value());
      }
      case Statement.Return returned -> loop(returned.value());
      default -> {}
    }
  }

  private void loop(Expr value) {
    switch (value) {
      case Expr.Scan scan -> body(scan.body());
      case Expr.While loop -> body(loop.body());
      case Expr.Block block -> body(block.body());
      default -> Children.of(value).forEach(this::loop);
    }
  }

  /// Of several results some may be dropped.
  private void names(List<Name> names, Body.Block block) {
    if (names.stream().allMatch(name -> isUnused(name, block))) {
      String all = String.join("`, `", names.stream().map(Name::text).toList());
      diagnostics.report(
          Diagnostic.warning(
                  DiagnosticCode.UNUSED,
                  names.getFirst().span().to(names.getLast().span()),
                  "nothing reads `" + all + "`")
              .help("leave it out, or begin its name with `_`"));
    }
  }

  // A name means one thing wherever it is seen, so that a second time in the text is a use.
  private static boolean isUnused(Name name, Body.Block block) {
    Pattern word = Pattern.compile("(?<![A-Za-z0-9_])" + name.text() + "(?![A-Za-z0-9_])");
    return !name.text().startsWith("_")
        && word.matcher(block.span().text()).results().limit(2).count() == 1;
  }
}
