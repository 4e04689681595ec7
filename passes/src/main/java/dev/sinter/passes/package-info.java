/// What happens to a graph between its source and the emitters.
package dev.sinter.passes;
