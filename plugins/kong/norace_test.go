//go:build !race

package main

// raceFlag builds the plugin as its tests are built.
const raceFlag = "-race=false"
