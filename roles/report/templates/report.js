for (const place of document.querySelectorAll("time[datetime]")) {
  const minutes = Math.floor((Date.now() - Date.parse(place.dateTime)) / 60000);
  if (!(minutes >= 0)) continue;
  const parts = [[1440, "day"], [60, "hour"], [1, "minute"]].find(([size]) => minutes >= size);
  const many = parts ? Math.floor(minutes / parts[0]) : 0;
  const age = document.createElement("span");
  age.className = "faint";
  age.textContent = parts ? ` (${many} ${parts[1]}${many === 1 ? "" : "s"} ago)` : " (just now)";
  place.after(age);
}
