package dev.sinter.dsl.elaborate;

import dev.sinter.dsl.ast.Axes;
import dev.sinter.dsl.ast.Edit;
import dev.sinter.dsl.ast.Expr;
import dev.sinter.dsl.ast.Field;
import dev.sinter.dsl.ast.Function;
import dev.sinter.ir.Contracts;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Facts;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.runtime.Rename;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What models promise beside their results: `rename`, `limit` and `check`.
final class Promises {
  private static final Map<String, Long> UNITS = units();

  private final List<Rename> renames = new ArrayList<>();
  private final List<Contracts.Limit> limits = new ArrayList<>();
  private final List<Contracts.Check> checks = new ArrayList<>();

  private static Map<String, Long> units() {
    Map<String, Long> units = new LinkedHashMap<>();
    units.put("B", 1L);
    units.put("KiB", 1L << 10);
    units.put("MiB", 1L << 20);
    units.put("GiB", 1L << 30);
    units.put("TiB", 1L << 40);
    units.put("KB", 1_000L);
    units.put("MB", 1_000_000L);
    units.put("GB", 1_000_000_000L);
    return units;
  }

  /// All that was promised so far.
  Contracts contracts() {
    return new Contracts(renames, limits, checks);
  }

  /// `rename "h.{i}.{p}" -> "blocks.{i}.{p}"` in the model at `path`.
  void add(Edit.Rename rename, String path) {
    try {
      renames.add(
          new Rename(rename.from().value(), rename.to().value(), order(rename.with())).below(path));
    } catch (IllegalArgumentException e) {
      throw new Fault(
          Diagnostic.error(
                  DiagnosticCode.WRONG_ARGUMENTS, rename.span(), String.valueOf(e.getMessage()))
              .note(
                  "`{i}` stands for one part of a name, between dots; at the end, for all that is"
                      + " left")
              .help("write `rename \"h.{i}.{p}\" -> \"blocks.{i}.{p}\"`, say"));
    }
  }

  /// The order of axes that `rearrange{i o -> o i}` makes.
  private static List<Integer> order(@Nullable Expr with) {
    if (with == null) {
      return List.of();
    }
    if (with instanceof Expr.WithAxes function
        && function.name().text().equals("rearrange")
        && function.axes().from().size() == 1) {
      List<String> from = names(function.axes().from().getFirst());
      List<Integer> order = names(function.axes().to()).stream().map(from::indexOf).toList();
      if (!from.contains("") && order.size() == from.size() && !order.contains(-1)) {
        return order;
      }
    }
    throw new Fault(
        Diagnostic.error(
                DiagnosticCode.BAD_AXES, with.span(), "a renamed weight is only turned, if at all")
            .help("give the axes in another order: `with rearrange{i o -> o i}`"));
  }

  /// The names of axes; empty for what is no plain axis.
  private static List<String> names(List<Axes.Term> terms) {
    return terms.stream()
        .map(term -> term instanceof Axes.Term.Single(var name) ? name.text() : "")
        .toList();
  }

  /// `limit memory 64 MiB`.
  void add(Edit.Limit limit) {
    String what = limit.what().text();
    Contracts.Resource resource =
        switch (what) {
          case "memory" -> Contracts.Resource.MEMORY;
          case "jar" -> Contracts.Resource.JAR;
          default ->
              throw Faults.unknown("limit", what, limit.what().span(), List.of("memory", "jar"));
        };
    Long unit = UNITS.get(limit.unit().text());
    if (unit == null) {
      throw Faults.unknown(
          "unit of bytes", limit.unit().text(), limit.unit().span(), List.copyOf(UNITS.keySet()));
    }
    double bytes = limit.amount().value().doubleValue() * unit;
    if (!(bytes >= 1 && bytes < 0x1p62)) {
      throw Faults.of(
          DiagnosticCode.OUT_OF_RANGE,
          limit.amount().span(),
          "a limit of " + limit.amount().text() + " " + limit.unit().text() + " means nothing");
    }
    limits.add(new Contracts.Limit(resource, (long) bytes, limit.span()));
  }

  /// `check grad`.
  void add(Edit.Check check) {
    if (!check.what().text().equals("grad")) {
      throw Faults.unknown("check", check.what().text(), check.what().span(), List.of("grad"));
    }
    checks.add(new Contracts.Check(Contracts.Property.GRAD, check.span()));
  }

  /// `limit T 1024` in the model `instance`.
  void bind(Edit.Bound bound, ModuleInstance instance) {
    if (!bound.most().isInteger() || bound.most().value().longValue() < 1) {
      throw Faults.of(
          DiagnosticCode.OUT_OF_RANGE, bound.most().span(), "a size is a whole number from 1 on");
    }
    List<String> known = new ArrayList<>();
    for (Function function : instance.functions()) {
      for (Field param : function.params()) {
        Types.dims(param.type()).stream()
            .map(Types::symbol)
            .filter(symbol -> symbol != null)
            .forEach(known::add);
      }
    }
    if (!known.contains(bound.size().text())) {
      throw Faults.unknown(
          "size of " + instance.kindName() + "'s functions",
          bound.size().text(),
          bound.size().span(),
          known);
    }
    instance.bounds().add(bound);
  }

  /// Takes for granted in an entry what is checked when it is called.
  static void assume(ModuleInstance instance, Scope scope, Build build) {
    for (Edit.Bound bound : instance.bounds()) {
      if (scope.find(bound.size().text()) instanceof Datum.Size(Dim dim)) {
        build.add(new Facts.Fact.AtLeast(most(bound), dim));
      }
    }
  }

  /// Proves the bounds where a function of `instance` is called.
  static void demand(ModuleInstance instance, Scope scope, Build build, Span span) {
    for (Edit.Bound bound : instance.bounds()) {
      if (scope.find(bound.size().text()) instanceof Datum.Size(Dim dim)
          && !build.facts().atLeast(most(bound), dim)) {
        throw new Fault(
            Diagnostic.error(
                    DiagnosticCode.FACT_VIOLATED,
                    span,
                    "`%s` is %s here, and not proved to be at most %s"
                        .formatted(bound.size().text(), dim, bound.most().text()))
                .also(bound.span(), "limited here")
                .help(
                    "state it of the sizes around: `where (... <= " + bound.most().text() + ")`"));
      }
    }
  }

  private static Dim most(Edit.Bound bound) {
    return Dim.of(bound.most().value().longValue());
  }
}
