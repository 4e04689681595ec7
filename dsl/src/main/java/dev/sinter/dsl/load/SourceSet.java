package dev.sinter.dsl.load;

import dev.sinter.dsl.ast.Definition;
import dev.sinter.dsl.ast.Name;
import dev.sinter.dsl.ast.SourceFile;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The files of one compilation, each with the definitions that its names mean.
///
/// @param main the file that the compilation began with
/// @param files all of them by path, std's too, in the order in which they were needed
/// @param loader where they come from, and what else lies there
public record SourceSet(Unit main, Map<String, Unit> files, SourceLoader loader) {
  public SourceSet {
    files = Collections.unmodifiableMap(new LinkedHashMap<>(files));
  }

  /// One file and what its names mean.
  ///
  /// @param names every definition that a name at the top of the file can mean: its own, imported
  ///   ones, std's
  /// @param gradients the custom gradients that the file defines
  public record Unit(
      SourceFile file, Map<String, Target> names, List<Definition.Gradient> gradients) {
    public Unit {
      names = Collections.unmodifiableMap(new LinkedHashMap<>(names));
      gradients = List.copyOf(gradients);
    }

    /// What `name` means in this file.
    public Optional<Target> find(Name name) {
      return Optional.ofNullable(names.get(name.text()));
    }
  }

  /// A definition and the path of the file that it is in: its own names are looked up there.
  public record Target(String path, Definition definition) {}

  /// The file that `target` is in.
  public Unit home(Target target) {
    Unit unit = files.get(target.path());
    if (unit == null) {
      throw new IllegalArgumentException("no file " + target.path());
    }
    return unit;
  }
}
