// Fills the page and starts the player.

function start() {
  showHeader();
  showNumbers();
  showFacts();
  layClips();
  layMouths();
  layLegend();
  layChooser();
  shown = firstCurves();
  layTraces();
  showWorst();
  wirePlayer();
  wireKeys();
  wireTheme();
  const first = DATA.worst[0];
  player.select(first ? first.clip : 0, first ? first.begin_s : 0);
  player.tick();
  showCurveTable();
  showTraining();
  showProbe();
}
