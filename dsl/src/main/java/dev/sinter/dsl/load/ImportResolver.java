package dev.sinter.dsl.load;

import dev.sinter.dsl.ast.Definition;
import dev.sinter.dsl.ast.Import;
import dev.sinter.dsl.ast.Name;
import dev.sinter.dsl.ast.SourceFile;
import dev.sinter.dsl.parse.SourceParser;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.Diagnostics;
import dev.sinter.ir.diagnostic.SourceText;
import dev.sinter.ir.diagnostic.Span;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Parses a file and all that it imports, and joins their names.
public final class ImportResolver {
  private static final String EXTENSION = ".sinter";
  // A chain of imports is recursion here.
  private static final int MAX_FILES = 200;

  private final SourceLoader loader;
  private final SourceLoader library = new StandardLibrary();
  private final Diagnostics diagnostics;
  private final Map<String, SourceSet.Unit> units = new LinkedHashMap<>();
  private final Map<String, Span> loading = new LinkedHashMap<>();
  private final Set<String> broken = new HashSet<>();
  private final Map<String, SourceSet.Target> implicit = new LinkedHashMap<>();

  private ImportResolver(SourceLoader loader, Diagnostics diagnostics) {
    this.loader = loader;
    this.diagnostics = diagnostics;
  }

  /// The files that `main` needs, or nothing where errors were reported.
  public static Optional<SourceSet> resolve(
      SourceText main, SourceLoader loader, Diagnostics diagnostics) {
    ImportResolver resolver = new ImportResolver(loader, diagnostics);
    for (String part : StandardLibrary.IMPLICIT) {
      resolver
          .imported("std/" + part + EXTENSION, Span.NONE)
          .ifPresent(unit ->
              resolver.implicit.putAll(resolver.own("std/" + part + EXTENSION, unit.file())));
    }
    Optional<SourceSet.Unit> unit = resolver.unit("", main);
    return diagnostics.hasErrors()
        ? Optional.empty()
        : unit.map(u -> new SourceSet(u, resolver.units, loader));
  }

  /// Parses `text` and what it imports; `path` is empty for the file that the compilation began
  /// with.
  private Optional<SourceSet.Unit> unit(String path, SourceText text) {
    Optional<SourceFile> parsed = SourceParser.parse(text, diagnostics);
    if (parsed.isEmpty()) {
      return Optional.empty();
    }
    SourceFile file = parsed.get();
    Map<String, SourceSet.Target> names = new LinkedHashMap<>(implicit);
    Map<String, Name> given = new LinkedHashMap<>();
    for (Import wanted : file.imports()) {
      take(path, wanted, names, given);
    }
    for (Map.Entry<String, SourceSet.Target> own : own(path, file).entrySet()) {
      declare(own.getValue().definition().name(), given);
      names.put(own.getKey(), own.getValue());
    }
    List<Definition.Gradient> gradients = new ArrayList<>();
    for (Definition definition : file.definitions()) {
      if (definition instanceof Definition.Gradient gradient) {
        gradients.add(gradient);
      }
    }
    SourceSet.Unit unit = new SourceSet.Unit(file, names, gradients);
    units.put(path, unit);
    return Optional.of(unit);
  }

  /// The definitions of `file` by name; the second of two with one name is reported and left out.
  private Map<String, SourceSet.Target> own(String path, SourceFile file) {
    Map<String, SourceSet.Target> own = new LinkedHashMap<>();
    for (Definition definition : file.definitions()) {
      if (definition instanceof Definition.Gradient || definition.name().text().isEmpty()) {
        continue;
      }
      Name name = definition.name();
      SourceSet.Target before =
          own.putIfAbsent(name.text(), new SourceSet.Target(path, definition));
      if (before != null) {
        twice(name, before.definition().name());
      }
    }
    return own;
  }

  private void declare(Name name, Map<String, Name> given) {
    Name before = given.putIfAbsent(name.text(), name);
    if (before != null) {
      twice(name, before);
    }
  }

  private void twice(Name name, Name before) {
    diagnostics.report(
        Diagnostic.error(
                DiagnosticCode.DUPLICATE_NAME,
                name.span(),
                "`" + name.text() + "` is defined a second time")
            .also(before.span(), "the first is here")
            .help("choose another name for one of them"));
  }

  private void take(
      String from, Import wanted, Map<String, SourceSet.Target> names, Map<String, Name> given) {
    String path = path(from, wanted);
    Span span = wanted.path().getFirst().span().to(wanted.path().getLast().span());
    Optional<SourceSet.Unit> unit = imported(path, span);
    if (unit.isEmpty()) {
      return;
    }
    Map<String, SourceSet.Target> offered = own(path, unit.get().file());
    for (Name name : wanted.names()) {
      SourceSet.Target target = offered.get(name.text());
      if (target == null) {
        unknown(name, path, offered);
      } else {
        declare(name, given);
        names.put(name.text(), target);
      }
    }
  }

  // `import a.b.{C}` in zoo/x.sinter means zoo/a/b.sinter; `std` is the library wherever it is
  // written.
  private static String path(String from, Import wanted) {
    StringBuilder path = new StringBuilder();
    boolean std = wanted.path().getFirst().text().equals("std");
    if (!std) {
      path.append(from, 0, from.lastIndexOf('/') + 1);
    }
    for (Name part : wanted.path()) {
      path.append(part.text()).append('/');
    }
    path.setLength(path.length() - 1);
    return path.append(EXTENSION).toString();
  }

  private void unknown(Name name, String path, Map<String, SourceSet.Target> offered) {
    Diagnostic fault =
        Diagnostic.error(
            DiagnosticCode.UNKNOWN_IMPORT, name.span(), path + " defines no `" + name.text() + "`");
    diagnostics.report(
        offered.isEmpty()
            ? fault
            : fault.note("it defines " + String.join(", ", offered.keySet())));
  }

  private Optional<SourceSet.Unit> imported(String path, Span span) {
    SourceSet.Unit known = units.get(path);
    if (known != null) {
      return Optional.of(known);
    }
    if (broken.contains(path)) {
      return Optional.empty();
    }
    if (loading.containsKey(path)) {
      cycle(path, span);
      return Optional.empty();
    }
    if (loading.size() >= MAX_FILES) {
      diagnostics.report(
          Diagnostic.error(
              DiagnosticCode.NESTED_TOO_DEEPLY, span, "files import each other beyond all bounds"));
      return Optional.empty();
    }
    loading.put(path, span);
    Optional<SourceSet.Unit> unit = load(path, span).flatMap(text -> unit(path, text));
    loading.remove(path);
    if (unit.isEmpty()) {
      broken.add(path);
    }
    return unit;
  }

  private void cycle(String path, Span span) {
    Diagnostic fault =
        Diagnostic.error(
            DiagnosticCode.IMPORT_CYCLE, span, path + " is imported while it is being read");
    boolean within = false;
    for (Map.Entry<String, Span> step : loading.entrySet()) {
      within |= step.getKey().equals(path);
      if (within) {
        fault = fault.also(step.getValue(), step.getKey() + " is imported here");
      }
    }
    diagnostics.report(
        fault.help("move what both need into a third file, and import that from both"));
  }

  private Optional<SourceText> load(String path, Span span) {
    boolean std = path.startsWith("std/");
    try {
      Optional<SourceText> text = (std ? library : loader).load(path);
      if (text.isEmpty()) {
        diagnostics.report(
            Diagnostic.error(
                    DiagnosticCode.FILE_NOT_FOUND,
                    span,
                    std ? "the standard library has no " + path : "there is no file " + path)
                .note(
                    std
                        ? "`std` always means the library that comes with the compiler"
                        : "it is looked for beside the file that imports it"));
      }
      return text;
    } catch (IOException fault) {
      diagnostics.report(
          Diagnostic.error(DiagnosticCode.FILE_NOT_READABLE, span, "cannot read " + path)
              .note(String.valueOf(fault.getMessage())));
      return Optional.empty();
    }
  }
}
