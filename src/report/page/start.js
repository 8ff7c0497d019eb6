// Fills the page and starts the player.

function start() {
  showHeader();
  showStudy();
  showNumbers();
  showFacts();
  if (DATA.clips.length) startPlayer();
  else {
    byId("player").hidden = true;
    byId("skip").hidden = true;
  }
  wireKeys();
  wireTheme();
  showCurveTable();
  showTraining();
  showProbe();
}

function startPlayer() {
  layClips();
  layMouths();
  layLegend();
  layChooser();
  shown = firstCurves();
  layTraces();
  showWorst();
  wirePlayer();
  const first = DATA.worst[0];
  player.select(first ? first.clip : 0, first ? first.begin_s : 0);
  player.tick();
}
